/* Ways in which a program ends without ou_trace_stop(): end CASE BACKEND. A thousand calls come
 * before. */
#include "numbers.h"

#include <ouroscope/message.h>

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const char *backend;

static void trace(struct ou_trace_options options)
{
    options.window_ms = 200; /* much is still to be written at the end */
    start(backend, options);
    trace_numbers(0, 1000);
}

static void crash(void)
{
    volatile int *volatile nowhere = (volatile int *)16; /* NULL a sanitizer would see beforehand */

    *nowhere = 1;
}

static void end_by_exit(void)
{
    trace((struct ou_trace_options){ 0 });
    exit(0);
}

/* The library's thread gets no further than to the first message. */
static void wait_for_ever(void *context, const struct ou_message *m, struct ou_text line)
{
    (void)context, (void)m, (void)line;
    for (;;)
        pause();
}

static void trace_to_nowhere(struct ou_trace_options options)
{
    ou_trace_add_output(&(struct ou_output){ .name = "waiting", .write = wait_for_ever }, NULL);
    trace(options);
}

static void end_by_quick_exit(void)
{
    trace_to_nowhere((struct ou_trace_options){ 0 });
    _exit(0);
}

static void end_by_flush_and_quick_exit(void)
{
    trace((struct ou_trace_options){ 0 });
    ou_trace_flush();
    _exit(0);
}

static void end_by_null(void)
{
    trace((struct ou_trace_options){ 0 });
    crash();
}

static void end_by_abort(void)
{
    trace((struct ou_trace_options){ 0 });
    abort();
}

static void end_by_division(void)
{
    volatile int hundred = 100, zero = 0;

    trace((struct ou_trace_options){ 0 });
    _exit(hundred / zero);
}

static int recurse(volatile char *before)
{
    volatile char room[4096] = { 0 };

    room[0] = (char)(before[0] + 1);
    return before[1] ? 0 : recurse(room) + room[0]; /* the compiler cannot see that it has no end */
}

static void end_by_stack_overflow(void)
{
    trace((struct ou_trace_options){ 0 });
    _exit(recurse((volatile char[2]){ 0 }));
}

static void *overflow(void *unused)
{
    OU_TRACE(number, 1000);
    recurse((volatile char[2]){ 0 });
    return unused;
}

static void *crash_thread(void *unused)
{
    OU_TRACE(number, 1000);
    crash();
    return unused;
}

static void end_in_thread(void *(*run)(void *))
{
    pthread_t thread;

    trace((struct ou_trace_options){ 0 });
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
}

static void end_in_second_thread(void)
{
    end_in_thread(crash_thread);
}

static void end_by_overflow_in_second_thread(void)
{
    end_in_thread(overflow);
}

static void on_crash(int number)
{
    static const char text[] = "the program's own handler\n";

    (void)number;
    if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
        _exit(3);
}

static void end_with_own_handler(void)
{
    signal(SIGSEGV, on_crash);
    trace((struct ou_trace_options){ 0 });
    crash();
}

static void end_without_the_librarys_handlers(void)
{
    trace_to_nowhere((struct ou_trace_options){ .keep_crashes = true });
    crash();
}

static void crash_at_the_last(void *context, const struct ou_message *m, struct ou_text line)
{
    (void)context, (void)line;
    if (m->point == &ou_point_number && m->values[0].u64 == 999)
        crash();
}

/* On the library's own thread, with its lock. */
static void end_in_callback(void)
{
    struct ou_output output = { .name = "crashing", .write = crash_at_the_last };

    ou_trace_add_output(&output, NULL);
    trace((struct ou_trace_options){ 0 });
    pause();
}

/* Standard output is a pipe that nobody reads: the library's thread waits in a write. */
static void end_while_blocked(void)
{
    trace((struct ou_trace_options){ 0 });
    sleep(1);
    trace_numbers(1000, 2000);
    crash();
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {
        { "exit", end_by_exit },
        { "_exit", end_by_quick_exit },
        { "flush", end_by_flush_and_quick_exit },
        { "null", end_by_null },
        { "abort", end_by_abort },
        { "division", end_by_division },
        { "overflow", end_by_stack_overflow },
        { "thread", end_in_second_thread },
        { "thread-overflow", end_by_overflow_in_second_thread },
        { "handler", end_with_own_handler },
        { "kept", end_without_the_librarys_handlers },
        { "callback", end_in_callback },
        { "blocked", end_while_blocked },
    };

    if (argc != 3)
        return 2;
    backend = argv[2];
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (strcmp(argv[1], cases[i].name) == 0)
            cases[i].run();
    return 2;
}
