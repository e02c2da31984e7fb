/* A signal handler that traces while the program does: interrupt LOG. Another thread sends signals as
 * fast as it can, so that many arrive within calls. The handler's numbers begin with 1000000. */
#include "numbers.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#define CALLS 100000
#define HANDLED_MIN 100
#define HANDLED_MAX 100000

static _Atomic uint64_t handled;
static _Atomic bool enough;
static pthread_t tracing;

static void on_alarm(int signal)
{
    (void)signal;
    OU_TRACE(number, 1000000 + atomic_fetch_add(&handled, 1));
}

static void *send_signals(void *unused)
{
    while (!atomic_load(&enough) && atomic_load(&handled) < HANDLED_MAX)
        pthread_kill(tracing, SIGALRM);
    return unused;
}

static uint64_t trace_until_interrupted_enough(void)
{
    uint64_t calls = 0;

    while (calls < CALLS || atomic_load(&handled) < HANDLED_MIN) {
        OU_TRACE(number, calls);
        calls++;
        if (calls > CALLS)
            sched_yield(); /* a processor for who sends signals */
    }
    return calls;
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
    pthread_t sender;
    uint64_t calls;

    if (argc != 2)
        return 2;
    start_file(argv[1], (struct ou_trace_options){ 0 });
    sigaction(SIGALRM, &action, NULL);
    tracing = pthread_self();
    pthread_create(&sender, NULL, send_signals, NULL);
    calls = trace_until_interrupted_enough();
    atomic_store(&enough, true);
    pthread_join(sender, NULL);
    ou_trace_stop();
    account_for(calls + atomic_load(&handled));
    fprintf(stderr, "handled %" PRIu64 "\n", atomic_load(&handled));
    return 0;
}
