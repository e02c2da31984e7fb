/* What the files of the log writer share: nodes (log_nodes.c) and replies (log_writer.c). */
#ifndef OU_COLLECT_LOG_WRITER_INSIDE_H
#define OU_COLLECT_LOG_WRITER_INSIDE_H

#include <pthread.h>

#include "collect/log_target.h"

struct log_node {
    struct log_writer *writer;
    struct log_node *next;
    char *folder, *name; /* owned */
    char env[64];
    unsigned users; /* opened and not closed; 0: it rests */
    pthread_mutex_t lock;
    struct log_target *targets; /* in the order of writing; owned */
    size_t target_count;
    int64_t rotated_ns, synced_ns; /* when that was due last; 0: not yet */
    uint64_t lost;                 /* with an entry that was taken out of the configuration */
};

struct log_writer {
    const struct collector_config *config;
    struct disk *disk;
    struct log_node *nodes;   /* those that came last in front */
    pthread_mutex_t lock;     /* of what follows */
    struct line_batch **idle; /* as many as ever were in use at once */
    size_t idle_count, idle_cap;
};

/* The order of writing. The journal cannot say what is in it, and goes by the file of the machine format: what
 * is in that has been in the journal before. Of the other files that one says at most how much they can have. */
enum log_rank { RANK_JOURNAL, RANK_MACHINE, RANK_OTHER, RANKS };

static inline enum log_rank log_rank_of(const struct log_entry *entry)
{
    if (entry->mode == LOG_JOURNAL)
        return RANK_JOURNAL;
    return entry->format == LOG_MACHINE ? RANK_MACHINE : RANK_OTHER;
}

/* How large the lines of one form of a reply may become, and what waits for one entry. */
size_t log_text_max(const struct collector_config *config);

#endif
