#include "api/work.h"

#include <pthread.h>
#include <sched.h>

#include "support/test.h"

/* Jobs are told apart by when they were taken. */
struct counting {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    size_t answered;
    int64_t sum;
    bool held; /* workers wait until it is false */
};

static void answer(void *context, const struct job *job)
{
    struct counting *c = context;

    pthread_mutex_lock(&c->mutex);
    while (c->held)
        pthread_cond_wait(&c->changed, &c->mutex);
    c->answered++;
    c->sum += job->taken_ns;
    pthread_mutex_unlock(&c->mutex);
}

static void let_go(struct counting *c)
{
    pthread_mutex_lock(&c->mutex);
    c->held = false;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->mutex);
}

static struct work *start(struct counting *c, unsigned threads, bool held)
{
    struct work *w;

    *c = (struct counting){ .held = held };
    pthread_mutex_init(&c->mutex, NULL);
    pthread_cond_init(&c->changed, NULL);
    assert_int_equal(work_open(threads, answer, c, &w, NULL), OU_OK);
    return w;
}

static void test_each_job_is_answered_once_also_when_it_ends(void **state)
{
    struct counting c;
    struct work *w = start(&c, 3, false);
    int64_t sum = 0;

    (void)state;
    for (int64_t i = 1; i <= 10000; i++) {
        while (!work_put(w, &(struct job){ .taken_ns = i }, i % 7 == 0))
            sched_yield();
        sum += i;
    }
    work_close(w);
    assert_int_equal(c.answered, 10000);
    assert_true(c.sum == sum);
}

static void test_what_does_not_fit_is_left_to_the_caller(void **state)
{
    struct counting c;
    struct work *w = start(&c, 1, true);
    size_t put = 0;

    (void)state;
    while (work_put(w, &(struct job){ .taken_ns = 1 }, false))
        put++;
    /* The worker may have one of them in its hands. */
    assert_in_range(put, WORK_LIGHT_MAX, WORK_LIGHT_MAX + 1);
    assert_in_range(work_waiting(w), WORK_LIGHT_MAX - 1, WORK_LIGHT_MAX);
    let_go(&c);
    work_close(w);
    assert_int_equal(c.answered, put);
}

/* Only long ones (taken_ns is 0) are held. */
static void answer_quick_ones(void *context, const struct job *job)
{
    struct counting *c = context;

    pthread_mutex_lock(&c->mutex);
    while (c->held && job->taken_ns == 0)
        pthread_cond_wait(&c->changed, &c->mutex);
    c->answered++;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->mutex);
}

static void test_long_ones_keep_no_quick_one_waiting(void **state)
{
    struct counting c = { .held = true };
    struct work *w;

    (void)state;
    pthread_mutex_init(&c.mutex, NULL);
    pthread_cond_init(&c.changed, NULL);
    assert_int_equal(work_open(1, answer_quick_ones, &c, &w, NULL), OU_OK);
    for (int i = 0; i < 10; i++)
        assert_true(work_put(w, &(struct job){ .taken_ns = 0 }, true));
    assert_true(work_put(w, &(struct job){ .taken_ns = 1 }, false));
    pthread_mutex_lock(&c.mutex);
    while (c.answered == 0)
        pthread_cond_wait(&c.changed, &c.mutex);
    pthread_mutex_unlock(&c.mutex);
    let_go(&c);
    work_close(w);
    assert_int_equal(c.answered, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_job_is_answered_once_also_when_it_ends),
        cmocka_unit_test(test_what_does_not_fit_is_left_to_the_caller),
        cmocka_unit_test(test_long_ones_keep_no_quick_one_waiting),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
