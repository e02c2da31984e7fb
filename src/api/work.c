#include "api/work.h"

#include <pthread.h>
#include <stdlib.h>

#define THREADS_MAX 64

/* A ring of jobs with its threads. */
struct lane {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct job *jobs;
    size_t first, count, max;
    bool ending;
    struct work *work;
    pthread_t threads[THREADS_MAX];
    unsigned thread_count;
};

struct work {
    work_fn *answer;
    void *context;
    struct lane quick, slow;
};

static bool take(struct lane *l, struct job *ret)
{
    bool got;

    pthread_mutex_lock(&l->mutex);
    while (l->count == 0 && !l->ending)
        pthread_cond_wait(&l->changed, &l->mutex);
    got = l->count > 0;
    if (got) {
        *ret = l->jobs[l->first];
        l->first = (l->first + 1) % l->max;
        l->count--;
    }
    pthread_mutex_unlock(&l->mutex);
    return got;
}

static void *serve(void *lane)
{
    struct lane *l = lane;
    struct job job;

    while (take(l, &job))
        l->work->answer(l->work->context, &job);
    return NULL;
}

static bool lane_open(struct lane *l, struct work *w, unsigned threads, size_t max)
{
    pthread_mutex_init(&l->mutex, NULL);
    pthread_cond_init(&l->changed, NULL);
    l->work = w;
    l->max = max;
    l->jobs = calloc(max, sizeof *l->jobs);
    if (!l->jobs)
        return false;
    for (; l->thread_count < threads && l->thread_count < THREADS_MAX; l->thread_count++)
        if (pthread_create(&l->threads[l->thread_count], NULL, serve, l) != 0)
            return false;
    return true;
}

static void lane_close(struct lane *l)
{
    pthread_mutex_lock(&l->mutex);
    l->ending = true;
    pthread_cond_broadcast(&l->changed);
    pthread_mutex_unlock(&l->mutex);
    for (unsigned i = 0; i < l->thread_count; i++)
        pthread_join(l->threads[i], NULL);
    pthread_cond_destroy(&l->changed);
    pthread_mutex_destroy(&l->mutex);
    free(l->jobs);
}

enum ou_status work_open(unsigned light, work_fn *answer, void *context, struct work **ret,
                         struct ou_error *err)
{
    struct work *w = calloc(1, sizeof *w);
    bool quick, slow;

    *ret = NULL;
    if (!w)
        return ou_fail(err, OU_NO_MEMORY, "no memory for workers");
    w->answer = answer;
    w->context = context;
    quick = lane_open(&w->quick, w, light, WORK_LIGHT_MAX);
    slow = lane_open(&w->slow, w, 1, WORK_LONG_MAX);
    if (!quick || !slow) {
        work_close(w);
        return ou_fail(err, OU_NO_MEMORY, "the threads of workers cannot be started");
    }
    *ret = w;
    return OU_OK;
}

static bool lane_put(struct lane *l, const struct job *job)
{
    bool fits;

    pthread_mutex_lock(&l->mutex);
    fits = l->count < l->max && !l->ending;
    if (fits) {
        l->jobs[(l->first + l->count++) % l->max] = *job;
        pthread_cond_signal(&l->changed);
    }
    pthread_mutex_unlock(&l->mutex);
    return fits;
}

bool work_put(struct work *w, const struct job *job, bool is_long)
{
    return lane_put(is_long ? &w->slow : &w->quick, job);
}

static size_t lane_waiting(struct lane *l)
{
    size_t count;

    pthread_mutex_lock(&l->mutex);
    count = l->count;
    pthread_mutex_unlock(&l->mutex);
    return count;
}

size_t work_waiting(struct work *w)
{
    return lane_waiting(&w->quick) + lane_waiting(&w->slow);
}

void work_close(struct work *w)
{
    if (!w)
        return;
    lane_close(&w->quick);
    lane_close(&w->slow);
    free(w);
}
