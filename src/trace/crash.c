#include "trace/crash.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "trace/output.h"
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

/* A text that grows without printf, which may not be asked for anything here. */
struct saying {
    char text[160];
    size_t len;
};

static void say(struct saying *s, const char *text)
{
    while (*text && s->len < sizeof(s->text))
        s->text[s->len++] = *text++;
}

static void say_number(struct saying *s, uint64_t number)
{
    char digits[21], *at = digits + sizeof(digits) - 1;

    *at = 0;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    say(s, at);
}

/* Records that are in no line yet, and lines that no output has taken. Of the latter a part may be out, of a
 * write that nobody has let return. */
static void say_what_is_lost(void)
{
    struct saying s = { .len = 0 };

    say(&s, "ouroscope: the program crashed; lost are ");
    say_number(&s, rings_pending());
    say(&s, " trace records and up to ");
    say_number(&s, output_lines_waiting());
    say(&s, " lines\n");
    if (write(STDERR_FILENO, s.text, s.len) < 0)
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
        say_what_is_lost();
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
