#include "call_timing.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define THREADS_MAX 64
#define CALLS_MIN 1000
#define CALLS_MAX 100000000
#define WARM_UP \
    20000            /* calls of each thread before those that count: more than once round a ring */
#define FEWER_RUNS 4 /* a median needs fewer samples than the tail */

uint8_t call_hashes[CALL_HASHES][32];
const char call_local[] = "192.168.30.14:3001", call_remote[] = "192.168.30.27:41602";

static double ticks_a_ns;

/* --- Around nothing ------------------------------------------------------------- */

#define NOTHING(n) __asm__ volatile("" ::"r"(n))
CALL_TIMED_LOOPS(nothing, NOTHING)

/* --- Threads -------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    unsigned cpu;
    void (*loop)(struct caller *c);
    struct caller caller;
    pthread_barrier_t *start;
};

static void stay_on(unsigned cpu)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(cpu % (unsigned)sysconf(_SC_NPROCESSORS_ONLN), &set);
    sched_setaffinity(0, sizeof(set), &set);
}

static void *work(void *argument)
{
    struct worker *w = argument;

    stay_on(w->cpu);
    pthread_barrier_wait(w->start);
    w->caller.next = call_clock();
    w->loop(&w->caller);
    return NULL;
}

/* Runs a case's loop in all threads. took has room for the samples of all, or is NULL for a flat loop. */
static void run(const struct call_options *o, const struct call_case *c,
                void (*loop)(struct caller *c), size_t samples, uint32_t *took)
{
    struct worker workers[THREADS_MAX];
    pthread_barrier_t start;

    pthread_barrier_init(&start, NULL, o->threads);
    for (unsigned i = 0; i < o->threads; i++) {
        workers[i] = (struct worker){
            .cpu = i,
            .loop = loop,
            .start = &start,
            .caller = { .first = i * o->calls,
                        .samples = samples,
                        .run = c->run,
                        .pitch = c->paced ? (uint64_t)(o->pitch_ns * ticks_a_ns) : 0,
                        .ret_took = took ? took + i * samples : NULL },
        };
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0) {
            perror("start a thread");
            exit(1);
        }
    }
    for (unsigned i = 0; i < o->threads; i++)
        pthread_join(workers[i].thread, NULL);
    pthread_barrier_destroy(&start);
}

/* --- Figures ----------------------------------------------------------------------- */

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void calibrate(void)
{
    static const struct timespec a_while = { 0, 50000000 };
    uint64_t from = call_clock();
    double from_ns = now_ns();

    nanosleep(&a_while, NULL);
    ticks_a_ns = (double)(call_clock() - from) / (now_ns() - from_ns);
}

static int by_size(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

/* Samples of a loop, sorted; and the median of the same loop around nothing. */
struct samples {
    uint32_t *ticks;
    size_t count, calls; /* calls: made, to warm up, too */
    uint32_t clock_ticks;
};

/* Runs a loop, leaves out what each thread did to warm up, and sorts. */
static void take_with(const struct call_options *o, const struct call_case *c,
                      void (*loop)(struct caller *c), size_t warm_up, struct samples *s)
{
    size_t each = s->count / o->threads;

    run(o, c, loop, warm_up + each, s->ticks);
    for (unsigned i = 0; i < o->threads; i++)
        memmove(s->ticks + i * each, s->ticks + i * (warm_up + each) + warm_up,
                each * sizeof(*s->ticks));
    qsort(s->ticks, s->count, sizeof(*s->ticks), by_size);
}

static void take(const struct call_options *o, const struct call_case *c, bool in_runs,
                 struct samples *ret)
{
    size_t run_length = in_runs ? c->run : 1;
    size_t each = in_runs ? o->calls / FEWER_RUNS / run_length + 1 : o->calls;
    size_t warm_up = WARM_UP / run_length, made = warm_up + each;

    *ret = (struct samples){ calloc(o->threads, made * sizeof(*ret->ticks)), each * o->threads,
                             made * o->threads * run_length, 0 };
    if (!ret->ticks) {
        perror("memory for samples");
        exit(1);
    }
    take_with(o, c, in_runs ? nothing_in_runs : nothing_single, warm_up, ret);
    ret->clock_ticks = ret->ticks[ret->count / 2];
    take_with(o, c, in_runs ? c->in_runs : c->single, warm_up, ret);
}

/* Nanoseconds of a call that the share q of all samples does not exceed. */
static double quantile(const struct samples *s, double q, size_t calls)
{
    uint32_t ticks = s->ticks[(size_t)(q * (double)(s->count - 1))];

    return ticks < s->clock_ticks ? 0
                                  : (double)(ticks - s->clock_ticks) / ticks_a_ns / (double)calls;
}

static void time_calls(const char *system, const struct call_options *o, const struct call_case *c)
{
    struct samples single, in_runs;
    uint64_t lost = 0;

    take(o, c, false, &single);
    take(o, c, true, &in_runs);
    c->end(&lost);
    printf("%s\t%s\t%u\t%.2f\t%.1f\t%.1f\t%.1f\t%.1f\t%zu\t%llu\n", system, c->name, o->threads,
           quantile(&in_runs, 0.5, c->run), quantile(&single, 0.5, 1), quantile(&single, 0.99, 1),
           quantile(&single, 0.999, 1), quantile(&single, 1, 1), single.calls + in_runs.calls,
           (unsigned long long)lost);
    free(single.ticks);
    free(in_runs.ticks);
}

static void time_throughput(const char *system, const struct call_options *o,
                            const struct call_case *c)
{
    size_t calls = o->calls * o->threads;
    double from_ns = now_ns();
    uint64_t lost = 0;

    run(o, c, c->flat, o->calls, NULL);
    c->end(&lost);
    printf("%s\t%s\t%u\t%.0f\t-\t-\t-\t-\t%zu\t%llu\n", system, c->name, o->threads,
           (double)(calls - lost) * 1e9 / (now_ns() - from_ns), calls, (unsigned long long)lost);
}

/* What cases before have written goes; a device stays. */
static void remove_file(const char *path)
{
    struct stat what;

    if (stat(path, &what) == 0 && S_ISREG(what.st_mode))
        unlink(path);
}

/* --- The command line ---------------------------------------------------------------- */

static int wrong_usage(const char *program, const struct call_case *cases)
{
    fprintf(stderr,
            "usage: %s [-c CALLS] [-t THREADS] [-p PITCH_NS] [-o FILE] CASE...\ncases:", program);
    for (; cases->name; cases++)
        fprintf(stderr, " %s", cases->name);
    fputc('\n', stderr);
    return 2;
}

static bool read_options(int argc, char **argv, struct call_options *ret)
{
    int letter;

    while ((letter = getopt(argc, argv, "c:t:p:o:")) != -1) {
        switch (letter) {
        case 'c': ret->calls = strtoul(optarg, NULL, 10); break;
        case 't': ret->threads = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'p': ret->pitch_ns = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'o': ret->path = optarg; break;
        default: return false;
        }
    }
    return ret->calls >= CALLS_MIN && ret->calls <= CALLS_MAX && ret->threads >= 1 &&
           ret->threads <= THREADS_MAX && optind < argc;
}

static const struct call_case *find_case(const struct call_case *cases, const char *name)
{
    for (; cases->name; cases++)
        if (strcmp(cases->name, name) == 0)
            return cases;
    return NULL;
}

int call_timing_main(int argc, char **argv, const char *system, const struct call_case *cases)
{
    struct call_options o = { "/dev/null", 1000000, 1, 1000 };

    if (!read_options(argc, argv, &o))
        return wrong_usage(argv[0], cases);
    for (int i = optind; i < argc; i++)
        if (!find_case(cases, argv[i]))
            return wrong_usage(argv[0], cases);
    for (size_t i = 0; i < sizeof(call_hashes); i++)
        call_hashes[i / 32][i % 32] = (uint8_t)(i * 151 >> 3);
    calibrate();
    for (int i = optind; i < argc; i++) {
        const struct call_case *c = find_case(cases, argv[i]);

        remove_file(o.path);
        if (!c->begin(&o))
            return 1;
        if (c->flat)
            time_throughput(system, &o, c);
        else
            time_calls(system, &o, c);
    }
    remove_file(o.path);
    return 0;
}
