/* The sinks of the collector: what nodes sent becomes lines of files and records of the journal.
 *
 * A node's lines go to LOGROOT/NODE/node-TIME.json (.log, .scjson), TIME being the creation in UTC, with a
 * symbolic link node.json to the current one. Whoever calls for one node does so from one thread at a time; different nodes
 * may be written from different threads. */
#ifndef OU_COLLECT_LOG_WRITER_H
#define OU_COLLECT_LOG_WRITER_H

#include "base/bytes.h"
#include "collect/config.h"
#include "collect/disk.h"
#include "wire/trace_forward.h"

struct log_writer; /* all nodes' */
struct log_node;   /* one node's: open files, what is still to be written */

/* Keeps a reference to config until the next log_writer_configure(). disk: NULL is the real one. */
struct log_writer *log_writer_new(const struct collector_config *config, struct disk *disk);
void log_writer_free(struct log_writer *w); /* all nodes have been closed */

/* Another configuration, while no batch is being written: files of entries that are gone are closed. */
void log_writer_configure(struct log_writer *w, const struct collector_config *config);

/* A node by the name of its folder; one that comes again goes on in the same files. Two that are open under one folder
 * write into the same files, one after the other. Loop thread. NULL: no memory. */
struct log_node *log_node_open(struct log_writer *w, const char *folder, const char *name);
/* Closes its files, as log_node_sync() does. What could still not be written waits in memory for the node to come again (and is
 * given up by log_writer_free()): with nodes that do not send twice, log_node_retry() comes first, until it has succeeded. */
void log_node_close(struct log_node *n);

/* "8.1.1:ea2c0", of NodeInfo, for lines of the legacy layout; one of both where the other one is empty, "" until then. Loop thread, while this node is not being written. */
void log_node_set_version(struct log_node *n, const char *version, const char *commit);

/* A notable object, for notifications and pages; views point into the reply. */
struct log_line {
    const struct trace_object *object;
    struct span name; /* dotted */
    struct span line; /* of the machine format, without the newline */
    bool is_repeat;   /* it had been written before (see below), and was not written again */
};

struct log_batch {
    uint64_t objects;  /* in the reply */
    uint64_t repeated; /* of them, that had been written before, to every entry */
    uint64_t lines;    /* written, over all entries */
    uint64_t lost;     /* given up, over all entries: UNWRITABLE_DROP */
    uint64_t bytes;    /* written */
};

/* Writes the objects of a reply. first: of this connection. A forwarder that lost its connection sends again what
 * was not confirmed: then the first objects of the reply equal the last lines of this node's file, and those are not
 * written twice. (After a restart of the collector the end of the newest files is looked at, of each entry by itself. The journal
 * cannot tell: it goes by the first entry of the machine format in files, without one it gets such objects twice.) each (may be
 * NULL) is called for every object, when all is in order.
 *
 * OU_OK: all is written, or given up and counted (then err says why). OU_IO: some entry cannot be written (disk full, folder gone, no inodes); the
 * batch is kept as lines, and log_node_retry() is due; err says which file and why. OU_INVALID: the reply is not in order. OU_NO_MEMORY, OU_TOO_LARGE:
 * it cannot be held. After these three nothing was written or remembered. Whole lines only are in a file after any of these: a line that was cut by a full
 * disk is taken back. */
enum ou_status log_node_write(struct log_node *n, struct trace_reply reply, bool first,
                              uint16_t asked, void (*each)(void *context, const struct log_line *),
                              void *context, struct log_batch *ret, struct ou_error *err);
/* Tries again what is left. *ret counts what was written or given up now. OU_IO: some is still left. */
enum ou_status log_node_retry(struct log_node *n, struct log_batch *ret, struct ou_error *err);

/* Memory of what is left. While this node is not being written. */
size_t log_node_left_bytes(struct log_node *n);

/* What is due by the clock: rotation (size; then age and count), fsync of files written to. Any thread, while this node is not
 * being written. now_ns: wall clock. Returns the first failure, and goes on nevertheless. */
enum ou_status log_node_tick(struct log_node *n, int64_t now_ns, struct ou_error *err);

/* At the end: tries again what is left, makes durable what was written (unless DURABLE_NEVER), and closes the files. The next lines
 * open them again. */
enum ou_status log_node_sync(struct log_node *n, struct ou_error *err);

/* Whether the journal can be written on this build and machine; else why not. */
bool log_journal_is_there(struct ou_error *err);

#endif
