/* One entry of `logging`, as one node writes to it: where its lines go, those that could not be written
 * yet, and the end of what was. One thread at a time. */
#ifndef OU_COLLECT_LOG_TARGET_H
#define OU_COLLECT_LOG_TARGET_H

#include "collect/file_sink.h"
#include "collect/line_batch.h"
#include "collect/log_writer.h"

struct log_target {
    struct log_entry entry;
    struct file_sink file; /* LOG_FILES */
    struct buffer waiting; /* lines, or records of the journal, that could not be written yet */
    struct tail tail;      /* what is waiting counts as written */
    bool tail_known;       /* what earlier processes wrote has been looked at */
    size_t repeats;        /* so many objects of the current reply have been written before */
};

enum ou_status log_target_init(struct log_target *t, const struct log_entry *entry,
                               struct disk *disk, const char *folder);
void log_target_release(struct log_target *t);

/* What a running collector may change. */
void log_target_configure(struct log_target *t, const struct log_entry *entry,
                          const struct collector_config *config, size_t waiting_max);

/* Whether that is the same entry. */
bool log_target_is(const struct log_target *t, const struct log_entry *entry);

/* Finds the repetitions at the begin of a reply: t->repeats, by what this target can see itself. keep: lines to know. */
enum ou_status log_target_match(struct log_target *t, const struct line_batch *batch,
                                const struct line_text *form, bool first, size_t keep);

/* Writes what was waiting, then the objects that are no repeats. Adds to *ret. With UNWRITABLE_WAIT what cannot be written waits,
 * and the status is OU_IO; with UNWRITABLE_DROP it is counted as lost, and err says why. */
enum ou_status log_target_write(struct log_target *t, const struct line_batch *batch,
                                const struct line_text *form, size_t keep,
                                enum log_unwritable unwritable, struct log_batch *ret,
                                struct ou_error *err);

/* Only what was waiting. */
enum ou_status log_target_retry(struct log_target *t, enum log_unwritable unwritable,
                                struct log_batch *ret, struct ou_error *err);

/* Counts what is waiting as lost. */
void log_target_give_up(struct log_target *t, struct log_batch *ret);

#endif
