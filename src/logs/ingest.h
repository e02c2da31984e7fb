/* Reads all log files, on several threads, and hands their events on in order.
 *
 *   files ──► chunk ──► parse ──► fold ──► sink
 *             read in   on any    in file
 *             order     thread    order
 *
 * The files of one host form a job. Each thread takes a host of its own; when
 * none is left it helps with the files of another, taking every other chunk, so
 * one large file is parsed by all threads too. A job's chunks are folded in the
 * order in which they were read: a sink sees the events of a host as if one
 * thread had read its files from beginning to end.
 *
 * Files whose lines tell their hosts form one job, which comes first. */
#ifndef OU_LOGS_INGEST_H
#define OU_LOGS_INGEST_H

#include "base/intern.h"
#include "logs/inputs.h"
#include "logs/tally.h"

#define INGEST_THREADS_MAX 64

/* Takes the events. open_host is called once a host, before its first event;
 * event for one host by one thread at a time, in order; close_host when nothing
 * more can come of that host (it may take its time: other threads go on). For
 * different hosts the calls may come from different threads at the same time.
 * A host state of NULL from open_host means no memory and ends the reading. */
struct event_sink {
    void *context;
    void *(*open_host)(void *context, const char *name);
    void (*event)(void *host, const struct event *event);
    void (*close_host)(void *context, void *host);
};

struct ingest_progress {
    uint64_t bytes_done, bytes_total; /* of the files as they lie there; total 0: not known */
    uint64_t lines;
};

struct ingest_options {
    int threads; /* 0: as many as there are processors */
    /* Called about five times a second from the calling thread; may be NULL. */
    void (*progress)(void *context, const struct ingest_progress *progress);
    void *progress_context;
};

struct ingested_file {
    struct log_input *input;
    const char *compression;
    uint64_t lines, bytes; /* bytes: decompressed */
    char checksum[33];     /* XXH3-128 of them, hex */
    int64_t first_ns, last_ns;
    char problem[256]; /* why reading ended early; "" when it did not */
    bool shrank;       /* it ended before the size it had when opened */
};

struct ingested_host {
    const char *name;
    struct host_tally tally;
    void *state; /* what open_host returned */
};

struct ingested_name {
    const char *name;
    enum event_kind event;
    uint64_t lines;
};

struct ingest_result {
    struct arena memory;         /* owns the texts */
    struct ingested_file *files; /* in the order of the inputs; owned */
    size_t file_count;
    struct ingested_host *hosts; /* by name; owned */
    uint32_t host_count;
    struct ingested_name *names; /* most lines first, then by name; owned */
    size_t name_count;
    uint64_t names_lost;
    bool names_full; /* there were too many: only those that mean something are there */
    struct reject_tally rejects[REJECTS];
    uint64_t lines, bytes;
};

/* Reads inputs (sorted). A file that cannot be read is told in its `problem`;
 * the others are read all the same. OU_INTERRUPTED when the user wants to stop,
 * OU_NO_MEMORY; then *ret is untouched, and hosts opened stay the sink's. */
enum ou_status ingest(struct log_inputs *inputs, const struct ingest_options *options,
                      const struct event_sink *sink, struct ingest_result *ret,
                      struct ou_error *err);
void ingest_release(struct ingest_result *result);

#endif
