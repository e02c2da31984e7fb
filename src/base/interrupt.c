#include "base/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>

/* Written by the handler, read anywhere. Relaxed: nothing else is handed over
 * with it. Lock-free, hence safe in a handler. */
static atomic_bool pending;

static void on_signal(int number)
{
    (void)number;
    atomic_store_explicit(&pending, true, memory_order_relaxed);
    /* The next one, of either kind, has its usual effect: the end. */
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
}

/* A signal that our parent made us ignore (nohup, a shell's background job)
 * stays ignored. No SA_RESTART: a read that waits for input must return. */
static void install_one(int number)
{
    struct sigaction old, action = { .sa_handler = on_signal };

    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

void interrupt_install(void)
{
    install_one(SIGINT);
    install_one(SIGTERM);
}

bool interrupt_pending(void)
{
    return atomic_load_explicit(&pending, memory_order_relaxed);
}

bool interrupt_put_aside(void)
{
    return atomic_exchange_explicit(&pending, false, memory_order_relaxed);
}

void interrupt_take_up(void)
{
    atomic_store_explicit(&pending, true, memory_order_relaxed);
}
