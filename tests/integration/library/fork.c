/* fork() while tracing: fork CASE LOG. Numbers below 1000000 are the parent's. */
#include "numbers.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 20
#define CHILD_NUMBERS 1000000
#define THREADS 3

static int status_of(pid_t child)
{
    int status = -1;

    waitpid(child, &status, 0);
    return status;
}

/* The child makes calls, ends with exit(), and must not write what waits in the parent's rings. */
static int silent(const char *log)
{
    pid_t child;
    int status;

    start_file(log, (struct ou_trace_options){ .window_ms = 200 });
    trace_numbers(0, 500);
    child = fork();
    if (child == 0) {
        bool on = OU_TRACE_IS_ON(number);

        trace_numbers(CHILD_NUMBERS, CHILD_NUMBERS + 500);
        exit(on || ou_trace_flush() ? 1 : 0);
    }
    status = status_of(child);
    trace_numbers(500, 1000);
    ou_trace_stop();
    account_for(1000);
    return status;
}

static void trace_as_child(const char *log, uint64_t number)
{
    start_file(log, (struct ou_trace_options){ 0 });
    OU_TRACE(number, CHILD_NUMBERS + number);
    exit(0);
}

/* The child starts tracing of its own, to the same file. */
static int anew(const char *log)
{
    int status;
    pid_t child;

    start_file(log, (struct ou_trace_options){ 0 });
    trace_numbers(0, 500);
    child = fork();
    if (child == 0)
        trace_as_child(log, 0);
    status = status_of(child);
    trace_numbers(500, 1000);
    ou_trace_stop();
    account_for(1001);
    return status;
}

static _Atomic uint64_t calls;
static _Atomic bool enough;

static void *trace_on(void *unused)
{
    (void)unused;
    while (!atomic_load(&enough)) {
        OU_TRACE(number, atomic_fetch_add(&calls, 1));
        usleep(10);
    }
    return NULL;
}

/* Children that start anew, made while other threads are within calls. */
static int threads(const char *log)
{
    pthread_t thread[THREADS];
    int failed = 0;

    start_file(log, (struct ou_trace_options){ 0 });
    for (int i = 0; i < THREADS; i++)
        pthread_create(&thread[i], NULL, trace_on, NULL);
    for (uint64_t i = 0; i < CHILDREN; i++) {
        pid_t child = fork();

        if (child == 0)
            trace_as_child(log, i);
        failed |= status_of(child);
    }
    atomic_store(&enough, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    ou_trace_stop();
    account_for(atomic_load(&calls) + CHILDREN);
    return failed;
}

/* The program that comes after exec has no file of ours open, and SIGHUP as usual. */
static int exec(const char *log)
{
    pid_t child;

    start_file(log, (struct ou_trace_options){ 0 });
    child = fork();
    if (child == 0) {
        execl("/bin/sh", "sh", "-c",
              "ls -l /proc/$$/fd | grep -cF \"$1\"; exec grep -E '^Sig(Ign|Blk)' /proc/self/status",
              "sh", log, (char *)NULL);
        _exit(1);
    }
    return status_of(child);
}

/* A signal on the stack that the library has lent to the parent's thread. */
static void on_user_signal(int number)
{
    static const char text[] = "handled\n";

    (void)number;
    if (write(STDOUT_FILENO, text, sizeof(text) - 1) < 0)
        _exit(1);
}

static int signalled(const char *log)
{
    struct sigaction action = { .sa_handler = on_user_signal, .sa_flags = SA_ONSTACK };
    pid_t child;

    sigaction(SIGUSR1, &action, NULL);
    start_file(log, (struct ou_trace_options){ 0 });
    trace_numbers(0, 1);
    child = fork();
    if (child == 0) {
        raise(SIGUSR1);
        trace_as_child(log, 0);
    }
    return status_of(child);
}

/* The parent goes away, the child lives on as a daemon and traces by itself. Who waits for both
 * reads standard output to its end. */
static int daemonise(const char *log)
{
    start_file(log, (struct ou_trace_options){ .window_ms = 200 });
    trace_numbers(0, 500);
    if (fork() != 0)
        exit(0);
    trace_as_child(log, 0);
    return 1;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const char *log);
    } cases[] = {
        { "silent", silent }, { "anew", anew },           { "threads", threads },
        { "exec", exec },     { "signalled", signalled }, { "daemonise", daemonise },
    };

    for (size_t i = 0; argc == 3 && i < sizeof(cases) / sizeof(*cases); i++)
        if (strcmp(argv[1], cases[i].name) == 0)
            return cases[i].run(argv[2]) ? 1 : 0;
    return 2;
}
