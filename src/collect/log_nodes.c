/* Nodes of the log writer: who is there, and which targets each of them has. */
#include <stdio.h>
#include <stdlib.h>

#include "collect/log_writer_inside.h"

enum {
    RESTING_MAX = 1024, /* nodes that are gone, and would go on in their files */
    COMMIT_DIGITS = 5,  /* of the legacy layout's env */
    LINE_GROWTH = 8,    /* a text may grow so much when all of it must be escaped */
};

/* What objects become besides their texts: TAIL_LINES_MAX of them. */
#define FRAMES_BYTES ((size_t)64 << 20)

size_t log_text_max(const struct collector_config *config)
{
    const uint64_t most = (SIZE_MAX - FRAMES_BYTES) / LINE_GROWTH;

    return (size_t)(config->message_bytes < most ? config->message_bytes : most) * LINE_GROWTH +
           FRAMES_BYTES;
}

/* --- Targets ---------------------------------------------------------------------------------- */

static void close_targets(struct log_node *n, struct log_target *targets, size_t count)
{
    struct log_batch left = { 0 };

    for (size_t i = 0; i < count; i++) {
        struct log_target *t = &targets[i];

        log_target_retry(t, UNWRITABLE_WAIT, &left, NULL);
        log_target_give_up(t, &left);
        if (t->file.durability != DURABLE_NEVER)
            file_sink_sync(&t->file, NULL);
        log_target_release(t);
    }
    n->lost += left.lost;
    free(targets);
}

/* The target of an entry: the one that is there moves over. */
static enum ou_status enter_target(struct log_node *n, const struct log_entry *entry,
                                   struct log_target *ret)
{
    enum ou_status status = OU_OK;
    size_t i = 0;

    while (i < n->target_count && !log_target_is(&n->targets[i], entry))
        i++;
    if (i < n->target_count) {
        *ret = n->targets[i];
        n->targets[i] = n->targets[--n->target_count];
    } else {
        status = log_target_init(ret, entry, n->writer->disk, n->folder);
    }
    if (status == OU_OK)
        log_target_configure(ret, entry, n->writer->config, log_text_max(n->writer->config));
    return status;
}

/* Brings the targets in line with the configuration. Without memory for that some are missing, until the next
 * configuration; false says so. */
static bool configure_node(struct log_node *n)
{
    const struct collector_config *config = n->writer->config;
    struct log_target *targets = calloc(config->log_count + 1, sizeof(*targets));
    size_t count = 0;
    bool complete = targets != NULL;

    for (int rank = 0; rank < RANKS && complete; rank++)
        for (size_t i = 0; i < config->log_count && complete; i++)
            if ((int)log_rank_of(&config->logs[i]) == rank) {
                complete = enter_target(n, &config->logs[i], &targets[count]) == OU_OK;
                count += complete;
            }
    if (!targets)
        return false;
    close_targets(n, n->targets, n->target_count);
    n->targets = targets;
    n->target_count = count;
    return complete;
}

/* --- Nodes ------------------------------------------------------------------------------------ */

static void node_free(struct log_node *n)
{
    if (!n)
        return;
    close_targets(n, n->targets, n->target_count);
    pthread_mutex_destroy(&n->lock);
    free(n->folder);
    free(n->name);
    free(n);
}

static struct log_node *node_new(struct log_writer *w, const char *folder, const char *name)
{
    struct log_node *n = calloc(1, sizeof(*n));

    if (!n)
        return NULL;
    pthread_mutex_init(&n->lock, NULL);
    n->writer = w;
    n->folder = strdup(folder);
    n->name = strdup(name);
    if (n->folder && n->name && configure_node(n))
        return n;
    node_free(n);
    return NULL;
}

static bool is_waiting(const struct log_node *n)
{
    for (size_t i = 0; i < n->target_count; i++)
        if (n->targets[i].waiting.len > 0)
            return true;
    return false;
}

/* Of the nodes that rest those that rest longest are forgotten: should they come again, they begin new files, as after a restart. */
static void forget_some(struct log_writer *w)
{
    size_t resting = 0;

    for (struct log_node **at = &w->nodes, *n; (n = *at) != NULL;) {
        if (n->users == 0 && !is_waiting(n) && ++resting > RESTING_MAX) {
            *at = n->next;
            node_free(n);
        } else {
            at = &n->next;
        }
    }
}

/* Takes it out of the list. */
static struct log_node *find(struct log_writer *w, const char *folder)
{
    for (struct log_node **at = &w->nodes, *n; (n = *at) != NULL; at = &n->next)
        if (strcmp(n->folder, folder) == 0) {
            *at = n->next;
            return n;
        }
    return NULL;
}

static bool rename_node(struct log_node *n, const char *name)
{
    char *copy;

    if (strcmp(n->name, name) == 0)
        return true;
    copy = strdup(name);
    if (!copy)
        return false;
    free(n->name);
    n->name = copy;
    return true;
}

struct log_node *log_node_open(struct log_writer *w, const char *folder, const char *name)
{
    struct log_node *n = find(w, folder);
    bool named = true;

    if (!n)
        n = node_new(w, folder, name);
    else if (n->users == 0)
        named = rename_node(n, name);
    if (!n)
        return NULL;
    n->next = w->nodes;
    w->nodes = n;
    if (!named)
        return NULL;
    n->users++;
    return n;
}

void log_node_close(struct log_node *n)
{
    if (--n->users > 0)
        return;
    log_node_sync(n, NULL);
    forget_some(n->writer);
}

void log_node_set_version(struct log_node *n, const char *version, const char *commit)
{
    snprintf(n->env, sizeof(n->env), "%s%s%.*s", version, *version && *commit ? ":" : "",
             COMMIT_DIGITS, commit);
}

struct log_writer *log_writer_new(const struct collector_config *config, struct disk *disk)
{
    struct log_writer *w = calloc(1, sizeof(*w));

    if (!w)
        return NULL;
    w->config = config;
    w->disk = disk ? disk : disk_real();
    pthread_mutex_init(&w->lock, NULL);
    return w;
}

void log_writer_free(struct log_writer *w)
{
    if (!w)
        return;
    for (struct log_node *n = w->nodes, *next; n; n = next) {
        next = n->next;
        node_free(n);
    }
    for (size_t i = 0; i < w->idle_count; i++) {
        line_batch_release(w->idle[i]);
        free(w->idle[i]);
    }
    free((void *)w->idle);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

void log_writer_configure(struct log_writer *w, const struct collector_config *config)
{
    w->config = config;
    for (struct log_node *n = w->nodes; n; n = n->next)
        configure_node(n);
}
