/* Timing single calls of some nanoseconds: what the benchmarks of tracing share, in C and C++.
 *
 * A program lists its cases, each with three loops around the same call, which the
 * macro CALL_LOOPS() makes, and hands them to call_timing_main(). The loops are the
 * program's own so that nothing stands between the clock and the call.
 *
 * The clock is the processor's time stamp counter where there is one. It is read
 * such that all that stands before has been executed and nothing that stands
 * behind has begun. What the reading takes is measured by loops around nothing,
 * and its median subtracted. On some machines the counter goes in steps of 10 ns;
 * so medians come from runs of calls, and the tail from single ones. */
#ifndef OU_BENCH_CALL_TIMING_H
#define OU_BENCH_CALL_TIMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The values of a call: made beforehand, different from call to call. */
#define CALL_HASHES 64
extern uint8_t call_hashes[CALL_HASHES][32];
extern const char call_local[], call_remote[];

/* What one thread is to do, and what came of it. Its thread's alone until it is joined. */
struct caller {
    size_t first;       /* number of its first call */
    size_t samples;     /* how many are to be taken */
    size_t run;         /* calls a sample, in runs */
    uint64_t pitch;     /* ticks from the begin of one call to that of the next; 0: at once */
    uint64_t next;      /* no call before */
    uint32_t *ret_took; /* ticks of each sample */
};

/* What the command line says. */
struct call_options {
    const char *path;  /* of the file that lines go to */
    size_t calls;      /* of each thread and loop */
    unsigned threads;  /* one on each processor in turn */
    unsigned pitch_ns; /* between calls, for cases that are paced */
};

struct call_case {
    const char *name;
    bool paced;
    size_t run; /* calls in a run; a few, lest what they write crowd the processor's queues */
    /* Makes the system ready; false and a message when that fails. */
    bool (*begin)(const struct call_options *options);
    /* Returns when all that was said is where it was to go; *ret_lost is how many calls were not. */
    void (*end)(uint64_t *ret_lost);
    /* Takes samples of one call each; of `run` calls each; none, calling at once. With
     * `flat` set only that is run, and what counts is how many calls a second end() was told of. */
    void (*single)(struct caller *c);
    void (*in_runs)(struct caller *c);
    void (*flat)(struct caller *c);
};

/* Cases end with a nameless one. Prints a line for each case named on the command line, tab
 * separated; times in ns, CALLS with those to warm up:
 *   SYSTEM CASE THREADS P50 SINGLE_P50 P99 P99.9 MAX CALLS LOST
 * or, for a flat one:
 *   SYSTEM CASE THREADS CALLS_A_SECOND - - - - CALLS LOST */
int call_timing_main(int argc, char **argv, const char *system, const struct call_case *cases);

static inline uint64_t call_clock(void)
{
#if defined(__x86_64__)
    unsigned cpu;
    uint64_t ticks = __builtin_ia32_rdtscp(&cpu);

    __builtin_ia32_lfence();
    return ticks;
#else
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

/* Spins until it is time for the next call. Being late is not made up for. */
static inline void caller_wait(struct caller *c, uint64_t calls)
{
    uint64_t now;

    if (c->pitch == 0)
        return;
    while ((now = call_clock()) < c->next)
        ;
    c->next = (now < c->next + c->pitch ? c->next : now) + calls * c->pitch;
}

/* CALL(i) is the call with its number, a size_t. */
#define CALL_LOOPS(name, CALL)                    \
    CALL_TIMED_LOOPS(name, CALL)                  \
    static void name##_flat(struct caller *c)     \
    {                                             \
        for (size_t i = 0; i < c->samples; i++) { \
            CALL(c->first + i);                   \
            __asm__ volatile("" ::: "memory");    \
        }                                         \
    }                                             \
    struct caller /* so that a semicolon may follow */

#define CALL_TIMED_LOOPS(name, CALL)                          \
    static void name##_single(struct caller *c)               \
    {                                                         \
        for (size_t i = 0; i < c->samples; i++) {             \
            const size_t n = c->first + i;                    \
            uint64_t from;                                    \
                                                              \
            caller_wait(c, 1);                                \
            from = call_clock();                              \
            CALL(n);                                          \
            c->ret_took[i] = (uint32_t)(call_clock() - from); \
        }                                                     \
    }                                                         \
    static void name##_in_runs(struct caller *c)              \
    {                                                         \
        for (size_t i = 0; i < c->samples; i++) {             \
            const size_t n = c->first + i * c->run;           \
            uint64_t from;                                    \
                                                              \
            caller_wait(c, c->run);                           \
            from = call_clock();                              \
            for (size_t k = n; k < n + c->run; k++) {         \
                CALL(k);                                      \
                __asm__ volatile("" ::: "memory");            \
            }                                                 \
            c->ret_took[i] = (uint32_t)(call_clock() - from); \
        }                                                     \
    }

#ifdef __cplusplus
}
#endif

#endif
