#include "trace/crash.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "trace/rings.h"

#define WAIT_MS 2000

static const int crashes[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
#define CRASHES (sizeof(crashes) / sizeof(*crashes))

static struct sigaction before[CRASHES];
static void (*wake)(void);
static _Atomic pid_t installed_in; /* the process; 0: not installed */
static _Atomic bool waiting, served;
static atomic_flag first = ATOMIC_FLAG_INIT;

bool crash_is_waiting(void)
{
    return atomic_load_explicit(&waiting, memory_order_relaxed);
}

void crash_is_served(void)
{
    atomic_store(&waiting, false);
    atomic_store(&served, true);
}

/* Decimal digits of a number, which printf may not be asked for here. */
static size_t digits(uint64_t number, char out[20])
{
    char reversed[20];
    size_t len = 0;

    do {
        reversed[len++] = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    for (size_t i = 0; i < len; i++)
        out[i] = reversed[len - 1 - i];
    return len;
}

static void say_what_is_lost(uint64_t count)
{
    static const char begin[] = "ouroscope: the program crashed; trace records lost: ";
    char text[sizeof(begin) + 20];
    size_t len = sizeof(begin) - 1;

    memcpy(text, begin, len);
    len += digits(count, text + len);
    text[len++] = '\n';
    if (write(STDERR_FILENO, text, len) < 0)
        return; /* nobody is left to be told */
}

static void wait_for_reader(void)
{
    static const struct timespec a_moment = { 0, 1000000 };

    atomic_store(&waiting, true);
    for (int ms = 0; ms < WAIT_MS && !atomic_load(&served); ms++) {
        wake();
        nanosleep(&a_moment, NULL);
    }
}

/* Of several threads that crash at the same time each waits, for the first to go on ends the
 * process; one tells. */
static void have_records_written(void)
{
    bool tells = !atomic_flag_test_and_set(&first);

    if (!rings_is_reader())
        wait_for_reader();
    if (tells && !atomic_load(&served))
        say_what_is_lost(rings_pending());
}

/* Back to what was there before, which the signal then meets: a fault occurs
 * again when the handler returns, a signal that somebody sent is sent again. */
static void hand_on(int number, const siginfo_t *info)
{
    for (size_t i = 0; i < CRASHES; i++)
        if (crashes[i] == number)
            sigaction(number, &before[i], NULL);
    if (info->si_code <= 0)
        raise(number);
}

static void on_crash(int number, siginfo_t *info, void *context)
{
    int program_errno = errno;

    (void)context;
    if (atomic_load(&installed_in) == getpid())
        have_records_written();
    hand_on(number, info);
    errno = program_errno;
}

void crash_install(void (*wake_reader)(void))
{
    struct sigaction action = { .sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK };

    wake = wake_reader;
    atomic_store(&waiting, false);
    atomic_store(&served, false);
    atomic_flag_clear(&first);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CRASHES; i++) {
        sigaction(crashes[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(crashes[i], &action, NULL);
    }
    atomic_store(&installed_in, getpid());
}

/* Where somebody else has put a handler in the meantime, it stays. */
void crash_remove(void)
{
    struct sigaction now;

    if (atomic_exchange(&installed_in, 0) == 0)
        return;
    for (size_t i = 0; i < CRASHES; i++) {
        sigaction(crashes[i], NULL, &now);
        if ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == on_crash)
            sigaction(crashes[i], &before[i], NULL);
    }
}
