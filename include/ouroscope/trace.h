/* Tracing: structured messages at the price of a few nanoseconds.
 *
 *     ou_trace_start(&(struct ou_trace_options){ .config_path = "config.yaml" }, &err);
 *     OU_TRACE(block_forged, slot, hash);
 *     ou_trace_stop();
 *
 * A call whose point is off costs one load and a branch; its arguments are not
 * evaluated. One that is on leaves a record in the ring of its thread; a
 * thread of the library makes lines of records, limits and writes them. What a
 * thread's ring cannot take is dropped and counted, and the loss is itself
 * traced (Reflection.RecordsLost).
 *
 * Trace points are declared with point.h; node.h has those of a Cardano node.
 * The manual page ouroscope-tracing(7) tells about configuration, forks,
 * signals and crashes. */
#ifndef OUROSCOPE_TRACE_H
#define OUROSCOPE_TRACE_H

#include <ouroscope/point.h>

/* Traces a message: OU_TRACE(point, values of its fields in order). Any
 * thread; in signal handlers, too (while the older system is configured: points without
 * metrics there). No thread is cancelled in it, and errno stays. Before ou_trace_start(), after
 * ou_trace_stop(), and in a child after fork() points are off. */
#define OU_TRACE(...) OU_TRACE_(__VA_ARGS__, 0)

#define OU_TRACE_(point_, ...)                                         \
    do {                                                               \
        const uint32_t ou_state_ = ou_point_state(&ou_point_##point_); \
        if (__builtin_expect(ou_state_ != 0, 0))                       \
            ou_emit_##point_(ou_state_, __VA_ARGS__);                  \
    } while (0)

/* Whether a call would do anything: for what has to be computed beforehand. */
#define OU_TRACE_IS_ON(point_) (ou_point_state(&ou_point_##point_) != 0)

static inline uint32_t ou_point_state(const struct ou_point *point)
{
    return atomic_load_explicit(&point->state, memory_order_relaxed);
}

/* --- Life ---------------------------------------------------------------------- */

enum ou_when_full {
    OU_WHEN_FULL_DROP,  /* the record is dropped and counted; the caller never waits */
    OU_WHEN_FULL_BLOCK, /* the caller waits for room, except in a signal handler */
};

/* Who the program is, for collectors: the data point NodeInfo. Texts are copied; NULL: empty. */
struct ou_node_info {
    const char *name;     /* where the configuration has no TraceOptionNodeName; NULL: the host */
    const char *protocol; /* "Cardano" */
    const char *version, *commit;
    int64_t system_start_ns; /* of the chain, since 1970-01-01 UTC; 0: when tracing started */
};

/* Zero-initialise; each zero means the default. */
struct ou_trace_options {
    const char *config_path; /* of the configuration; read again by ou_trace_reload() */
    const char *config_text; /* the configuration itself, where there is no path */
    const char *host;        /* the member `host` of lines; default: the environment variable
                                TRACE_DISPATCHER_LOGGING_HOSTNAME, or the machine's name
                                up to its first dot */
    const char *program;     /* "name version", for the legacy layout's `env` */
    size_t ring_bytes;       /* of each thread; rounded up to a power of two, from 64 KiB up to
                                64 MiB; 1 MiB */
    enum ou_when_full when_full;
    uint32_t window_ms; /* within which records are brought into the order of their time,
                                and by which lines are late; 10 */
    bool keep_sighup;   /* leave SIGHUP to the program; else it reloads config_path */
    bool keep_crashes;  /* leave SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT alone; else what
                                rings hold is written first */
    /* Where the collector is that gets what the configuration gives the backend Forwarder: a socket
     * to connect to, or one to listen at; one of them. A path, or HOST:PORT, or [IPV6]:PORT. */
    const char *forward_connect, *forward_accept;
    uint32_t network_magic;   /* which both sides must agree on; 764824073, that of mainnet */
    uint32_t forward_wait_ms; /* how long ou_trace_stop() waits for the collector to take what waits
                                 for it; 5000 */
    /* A line for people, without newline, when the collector cannot be reached, or refuses: once, until it is
     * connected again, which is told then, too. Called by a thread of the library, which does not forward
     * meanwhile; it must not call the functions of this header. */
    void (*forward_told)(void *context, const char *what);
    void *forward_context;
    struct ou_node_info node;
};

/* Reads the configuration, starts the library's thread and switches points on.
 * Without path and text the configuration is the default one. OU_INVALID and a
 * message with file and line when the configuration is wrong; OU_USAGE when
 * tracing has been started already. */
OU_API enum ou_status ou_trace_start(const struct ou_trace_options *options, struct ou_error *err);

/* Writes what rings hold, ends the thread, closes files, switches points off.
 * Without a start it does nothing. Happens at exit() by itself. It waits as long as an output
 * takes, as closing a stream does: for ever where nobody reads a pipe; and so do fork() and dlclose(). For a
 * collector that is connected, or has not been there yet since the start, it waits as long as the options
 * say; for one that has gone no longer than an attempt to connect takes. */
OU_API void ou_trace_stop(void);

/* Writes all records of calls that have returned, in this thread. False when another one has not
 * let it within five seconds, or tracing is not running. What cannot be written is lost and
 * counted; an output that takes nothing is waited for. */
OU_API bool ou_trace_flush(void);

/* Changes the configuration while running; no record is lost by it. When the new one is wrong
 * the old one stays. ou_trace_reload() reads the path of the start again (as
 * SIGHUP does, whose failure is traced as Reflection.ConfigurationRefused) and reopens files. */
OU_API enum ou_status ou_trace_configure(const char *text, struct ou_error *err);
OU_API enum ou_status ou_trace_reload(struct ou_error *err);

/* --- Accounts -------------------------------------------------------------------- */

/* X(name, why) */
#define OU_LOSSES(X)                                                 \
    X(ring_full, "the thread's ring had no room")                    \
    X(too_large, "the record was larger than a quarter of the ring") \
    X(interrupted, "a signal handler had interrupted a trace call")  \
    X(no_memory, "there was no memory for the thread's ring")        \
    X(output, "the output could not be written")                     \
    X(forwarder, "the queue for the collector was full, or the program ended before it took them")

/* Every call on a point that is on is counted once: in taken, or in a loss
 * other than output and forwarder. What is taken is written, limited, or for metrics and folds only. */
struct ou_trace_counts {
    uint64_t taken;     /* records that the library's thread has read */
    uint64_t lines;     /* written to outputs */
    uint64_t limited;   /* suppressed by frequency limiters */
    uint64_t late;      /* records that came after a later one was written */
    uint64_t forwarded; /* the collector has taken them */
#define X(name, why) uint64_t name;
    OU_LOSSES(X)
#undef X
};

/* Counts since the start; of the last run after a stop. Any thread. */
OU_API void ou_trace_counts(struct ou_trace_counts *ret);

/* --- Checks and documentation ------------------------------------------------------- */

/* Reads a configuration as ou_trace_start() does, and calls told (which may be
 * NULL) for each thing that is odd but no error: names that no point of this
 * program has, say. */
OU_API enum ou_status ou_trace_check(const char *path,
                                     void (*told)(void *context, const char *warning),
                                     void *context, struct ou_error *err);

/* The documentation of all points of this program in Markdown, as seen by a
 * configuration (path may be NULL: the default one). The caller free()s *ret. */
OU_API enum ou_status ou_trace_document(const char *path, char **ret, struct ou_error *err);

#endif
