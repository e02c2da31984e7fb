#include <ouroscope/trace.h>

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/time.h"
#include "trace/config.h"
#include "trace/consumer.h"
#include "trace/crash.h"
#include "trace/reflection.h"
#include "trace/rings.h"

#define RING_BYTES (1u << 20)
#define WINDOW_MS 10
#define WINDOW_MS_MAX 60000
#define IDLE_MS_MAX 100 /* the longest sleep while little is traced */
/* In a pass. Twice the few, which a steady flow may come to, are less than the queue for a collector holds that is configured
 * as cardano-node's, 192. */
#define FEW_MESSAGES 64
#define MANY_MESSAGES 512
#define ENDING_MS_MAX 500
#define FLUSH_WAIT_S 5
#define FORWARD_WAIT_MS 5000
#define MAGIC_OF_MAINNET 764824073u
#define WARNINGS_MAX (256u << 10)
#define HOST_ROOM 256

/* Written by the thread that starts or stops, under `control`. */
static struct {
    pthread_mutex_t control; /* starting, stopping, changing; taken before consumer.h's lock */
    bool running;
    pthread_t thread;
    char *config_path; /* owned; NULL: there is none */
    uint32_t window_ms;
    bool has_collector; /* an address was given */
    bool has_sighup;
    struct sigaction sighup_before;
} trace = { .control = PTHREAD_MUTEX_INITIALIZER };

static _Atomic bool stopping, reload_wanted;
static _Atomic uint32_t asleep; /* a futex: the library's thread sleeps while it is 1 */

/* --- Control ---------------------------------------------------------------------- */

static __thread bool has_control;
static __thread int cancel_before;

/* False for a thread that handles a message: it has the lock of consumer.h, and who has `control`
 * may be waiting for that. A thread with control is not cancelled halfway. */
static bool take_control(void)
{
    if (rings_is_reader())
        return false;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_before);
    pthread_mutex_lock(&trace.control);
    has_control = true;
    return true;
}

static void give_control_back(void)
{
    has_control = false;
    pthread_mutex_unlock(&trace.control);
    pthread_setcancelstate(cancel_before, NULL);
}

static enum ou_status refuse(struct ou_error *err)
{
    return ou_fail(err, OU_USAGE,
                   "tracing cannot be started or changed by what handles its messages");
}

/* --- The library's thread --------------------------------------------------------- */

/* Safe in signal handlers; leaves errno alone. */
static void wake(void)
{
    int program_errno = errno;

    if (atomic_load(&asleep) &&
        atomic_exchange(&asleep, 0)) /* looking is cheaper, and mostly enough */
        syscall(SYS_futex, &asleep, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
    errno = program_errno;
}

/* A wish to reload that could not be met yet (somebody is changing something)
 * waits for the next turn: else this would be a loop without a rest. */
static void sleep_for(uint32_t ms)
{
    struct timespec time = { ms / 1000, (long)(ms % 1000) * 1000000 };

    atomic_store(&asleep, 1);
    if (!atomic_load(&stopping) && !crash_is_waiting())
        syscall(SYS_futex, &asleep, FUTEX_WAIT_PRIVATE, 1, &time, NULL, 0);
    atomic_store(&asleep, 0);
}

static void serve_crash(void)
{
    consumer_pass(UINT64_MAX);
    consumer_pass(UINT64_MAX); /* what the first one traced itself */
    crash_is_served();
}

static enum ou_status reload(struct ou_error *err);

/* When the program is just changing or stopping tracing itself, it is its turn first: who
 * stops waits for this thread. */
static void reload_for_signal(void)
{
    struct ou_error err = { "" };

    if (!atomic_load(&reload_wanted) || pthread_mutex_trylock(&trace.control) != 0)
        return;
    has_control = true;
    atomic_store(&reload_wanted, false);
    if (reload(&err) != OU_OK)
        OU_TRACE(config_refused, err.text);
    has_control = false;
    pthread_mutex_unlock(&trace.control);
}

/* To wake up takes a processor as long as dozens of messages: with few of them the thread sleeps longer. Threads that trace
 * more wake it when their rings are half full. */
static uint32_t next_sleep_ms(uint32_t ms, uint64_t count)
{
    if (count >= MANY_MESSAGES)
        ms = trace.window_ms;
    else
        ms = count >= FEW_MESSAGES ? ms / 2 : 2 * ms;
    ms = ms > trace.window_ms ? ms : trace.window_ms;
    return ms < IDLE_MS_MAX ? ms : IDLE_MS_MAX;
}

static void *run(void *unused)
{
    uint32_t sleep_ms = trace.window_ms;

    (void)unused;
    pthread_setname_np(pthread_self(), "ouroscope-trace");
    while (!atomic_load(&stopping)) {
        uint64_t count = 0;

        reload_for_signal();
        if (consumer_lock()) {
            count = consumer_pass(consumer_horizon());
            if (crash_is_waiting())
                serve_crash();
            consumer_unlock();
        }
        sleep_for(sleep_ms = next_sleep_ms(sleep_ms, count));
    }
    return NULL;
}

/* All signals go to the program's threads; but faults of this one are its own. */
static enum ou_status start_thread(struct ou_error *err)
{
    sigset_t all, before;
    int failed;

    sigfillset(&all);
    sigdelset(&all, SIGSEGV);
    sigdelset(&all, SIGBUS);
    sigdelset(&all, SIGFPE);
    sigdelset(&all, SIGILL);
    sigdelset(&all, SIGABRT);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    failed = pthread_create(&trace.thread, NULL, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return ou_fail(err, OU_NO_MEMORY, "start the tracing thread: %s", strerror(failed));
    return OU_OK;
}

/* --- SIGHUP ---------------------------------------------------------------------------- */

static void on_sighup(int number, siginfo_t *info, void *context)
{
    const struct sigaction *before = &trace.sighup_before;

    atomic_store(&reload_wanted, true);
    wake();
    if (before->sa_flags & SA_SIGINFO)
        before->sa_sigaction(number, info, context);
    else if (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN)
        before->sa_handler(number);
}

/* Under nohup, say, SIGHUP is ignored: it stays so. */
static void take_sighup(void)
{
    struct sigaction action = { .sa_sigaction = on_sighup, .sa_flags = SA_SIGINFO | SA_RESTART };

    sigemptyset(&action.sa_mask);
    sigaction(SIGHUP, NULL, &trace.sighup_before);
    if (trace.sighup_before.sa_handler == SIG_IGN)
        return;
    sigaction(SIGHUP, &action, NULL);
    trace.has_sighup = true;
}

static void give_sighup_back(void)
{
    struct sigaction now;

    if (!trace.has_sighup)
        return;
    sigaction(SIGHUP, NULL, &now);
    if ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == on_sighup)
        sigaction(SIGHUP, &trace.sighup_before, NULL);
    trace.has_sighup = false;
}

/* --- fork() ------------------------------------------------------------------------------ */

static __thread bool has_control_to_fork;

/* Nobody is starting, changing or stopping when the child is made; but a thread that handles a
 * message cannot wait for that. */
static void before_fork(void)
{
    has_control_to_fork = !has_control && take_control();
    consumer_fork_prepare();
}

static void in_parent(void)
{
    consumer_fork_parent();
    if (has_control_to_fork)
        give_control_back();
}

/* The child has none of the parent's threads: points are off in it, and what the rings hold is
 * the parent's to write. It may start tracing anew. Rings are there after a stop, too, and are
 * the parent's threads'. */
static void in_child(void)
{
    consumer_fork_child();
    if (has_control_to_fork) {
        give_control_back();
    } else {
        pthread_mutex_init(&trace.control, NULL);
        has_control = false;
    }
    trace.running = false;
    rings_close();
    consumer_abandon();
    rings_forget();
    give_sighup_back();
    crash_remove();
    free(trace.config_path);
    trace.config_path = NULL;
}

/* When the library is loaded, and not at the first start: a fork that has begun by then runs no
 * handler that is registered meanwhile, and its child would find `control` taken for ever. */
__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(before_fork, in_parent, in_child);
}

/* --- Starting ------------------------------------------------------------------------------- */

static size_t ring_bytes(size_t wanted)
{
    size_t bytes = RING_BYTES_MIN;

    if (wanted == 0)
        return RING_BYTES;
    while (bytes < wanted && bytes < RING_BYTES_MAX)
        bytes *= 2;
    return bytes;
}

/* The host of log lines, up to its first dot. */
static void find_host(const struct ou_trace_options *options, char ret[HOST_ROOM])
{
    const char *variable = getenv("TRACE_DISPATCHER_LOGGING_HOSTNAME");
    const char *name = options->host ? options->host : variable && *variable ? variable : NULL;

    if (name) {
        strncpy(ret, name, HOST_ROOM - 1);
        ret[HOST_ROOM - 1] = 0;
        return;
    }
    if (gethostname(ret, HOST_ROOM) != 0)
        snprintf(ret, HOST_ROOM, "localhost");
    ret[HOST_ROOM - 1] = 0;
    ret[strcspn(ret, ".")] = 0;
}

static enum ou_status read_any_config(const struct ou_trace_options *options,
                                      struct buffer *warnings, struct config **ret,
                                      struct ou_error *err)
{
    if (options->config_path)
        return config_load(options->config_path, warnings, ret, err);
    if (options->config_text)
        return config_parse(options->config_text, strlen(options->config_text), "configuration",
                            warnings, ret, err);
    *ret = config_default();
    return *ret ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for the configuration");
}

static enum ou_status read_config(const struct ou_trace_options *options, struct buffer *warnings,
                                  struct config **ret, struct ou_error *err)
{
    enum ou_status status = read_any_config(options, warnings, ret, err);

    if (!status && trace.has_collector && !config_forwards(*ret))
        buffer_text(warnings, "A collector's address is given, and no list of backends has "
                              "Forwarder: nothing is forwarded\n");
    return status;
}

static enum ou_status find_collector(const struct ou_trace_options *options,
                                     struct forwarding_options *ret, struct ou_error *err)
{
    const char *address =
        options->forward_connect ? options->forward_connect : options->forward_accept;

    *ret = (struct forwarding_options){
        .wanted = address != NULL,
        .listen = options->forward_accept != NULL,
        .magic = options->network_magic ? options->network_magic : MAGIC_OF_MAINNET,
        .wait_ms = options->forward_wait_ms ? options->forward_wait_ms : FORWARD_WAIT_MS,
        .told = options->forward_told,
        .context = options->forward_context,
    };
    if (options->forward_connect && options->forward_accept)
        return ou_fail(err, OU_USAGE,
                       "a collector is connected to, or it is listened for: not both");
    return address ? endpoint_parse(address, &ret->at, err) : OU_OK;
}

static void give_up(void)
{
    forwarding_end();
    consumer_lock();
    consumer_end();
    consumer_unlock();
}

static enum ou_status begin(const struct ou_trace_options *options, struct config *config,
                            const struct forwarding_options *collector, const char *warnings,
                            struct ou_error *err)
{
    char host[HOST_ROOM];
    struct consumer_options to = { .host = host,
                                   .window_ms = trace.window_ms,
                                   .env = options->program ? options->program : "",
                                   .collector = *collector,
                                   .node = &options->node };
    enum ou_status status;

    find_host(options, host);
    consumer_lock();
    status = consumer_begin(&to, err);
    if (status)
        config_free(config);
    else
        status = consumer_configure(config, warnings, err);
    if (!status)
        status = start_thread(err);
    consumer_unlock();
    if (status)
        give_up();
    return status;
}

static enum ou_status start(const struct ou_trace_options *options, struct ou_error *err)
{
    struct forwarding_options collector;
    struct config *config = NULL;
    struct buffer warnings;
    enum ou_status status;

    if (trace.running)
        return ou_fail(err, OU_USAGE, "tracing has been started already");
    if (options->window_ms > WINDOW_MS_MAX)
        return ou_fail(err, OU_USAGE, "a window of %u ms is above %u", options->window_ms,
                       WINDOW_MS_MAX);
    status = find_collector(options, &collector, err);
    if (status)
        return status;
    trace.has_collector = collector.wanted;
    buffer_init(&warnings, allocator_libc(), WARNINGS_MAX);
    status = read_config(options, &warnings, &config, err);
    if (!status) {
        trace.window_ms = options->window_ms ? options->window_ms : WINDOW_MS;
        atomic_store(&stopping, false);
        atomic_store(&reload_wanted, false);
        atomic_store(&rings_wake_reader, wake);
        rings_open(ring_bytes(options->ring_bytes), options->when_full);
        rings_lend_signal_stacks(!options->keep_crashes);
        status = begin(options, config, &collector, buffer_string(&warnings), err);
    }
    buffer_release(&warnings);
    return status;
}

enum ou_status ou_trace_start(const struct ou_trace_options *options, struct ou_error *err)
{
    static const struct ou_trace_options all_default;
    enum ou_status status;
    char *path = NULL;

    if (!options)
        options = &all_default;
    if (options->config_path && !(path = strdup(options->config_path)))
        return ou_fail(err, OU_NO_MEMORY, "no memory for tracing");
    if (!take_control()) {
        free(path);
        return refuse(err);
    }
    status = start(options, err);
    if (status) {
        free(path);
    } else {
        trace.running = true;
        trace.config_path = path;
        if (path && !options->keep_sighup)
            take_sighup();
        if (!options->keep_crashes)
            crash_install(wake);
    }
    give_control_back();
    return status;
}

/* --- Changing, stopping ----------------------------------------------------------------------- */

static enum ou_status configure(const struct ou_trace_options *from, struct ou_error *err)
{
    struct config *config = NULL;
    struct buffer warnings;
    enum ou_status status;

    buffer_init(&warnings, allocator_libc(), WARNINGS_MAX);
    status = read_config(from, &warnings, &config, err);
    if (!status) {
        consumer_lock();
        status = consumer_configure(config, buffer_string(&warnings), err);
        consumer_unlock();
    }
    buffer_release(&warnings);
    return status;
}

enum ou_status ou_trace_configure(const char *text, struct ou_error *err)
{
    struct ou_trace_options from = { .config_text = text };
    enum ou_status status;

    if (!take_control())
        return refuse(err);
    status =
        trace.running ? configure(&from, err) : ou_fail(err, OU_USAGE, "tracing is not running");
    give_control_back();
    return status;
}

static enum ou_status reload(struct ou_error *err)
{
    struct ou_trace_options from = { .config_path = trace.config_path };
    enum ou_status status;

    if (!trace.running)
        return ou_fail(err, OU_USAGE, "tracing is not running");
    if (!trace.config_path)
        return ou_fail(err, OU_USAGE, "tracing was started without a configuration file");
    status = configure(&from, err);
    consumer_lock();
    consumer_reopen_files();
    consumer_unlock();
    return status;
}

enum ou_status ou_trace_reload(struct ou_error *err)
{
    enum ou_status status;

    if (!take_control())
        return refuse(err);
    status = reload(err);
    give_control_back();
    return status;
}

bool ou_trace_flush(void)
{
    uint64_t now = ou_ticks();
    bool running;

    if (!consumer_lock_within(FLUSH_WAIT_S))
        return false;
    running = consumer_has_begun();
    consumer_pass(now);
    consumer_unlock();
    return running;
}

/* Calls that loaded a point's state before it was switched off may be under
 * way: they get as long as the order of records allows for, within reason. */
static void let_calls_end(void)
{
    uint32_t ms = trace.window_ms < ENDING_MS_MAX ? trace.window_ms : ENDING_MS_MAX;
    struct timespec time = { 0, (long)ms * 1000000 };

    clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

static void stop(void)
{
    atomic_store(&stopping, true);
    wake();
    pthread_join(trace.thread, NULL);
    consumer_lock();
    consumer_quieten();
    let_calls_end();
    consumer_finish();
    consumer_unlock();
    forwarding_end();
    consumer_lock();
    consumer_finish(); /* the end of forwarding may have cost something */
    crash_is_served();
    consumer_end();
    rings_close();
    atomic_store(&rings_wake_reader, NULL);
    consumer_unlock();
}

void ou_trace_stop(void)
{
    if (!take_control())
        return;
    if (trace.running) {
        trace.running = false;
        give_sighup_back();
        stop();
        crash_remove();
        free(trace.config_path);
        trace.config_path = NULL;
    }
    give_control_back();
}

void ou_trace_counts(struct ou_trace_counts *ret)
{
    consumer_counts(ret);
}

__attribute__((destructor)) static void stop_at_exit(void)
{
    ou_trace_stop();
}
