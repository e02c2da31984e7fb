#include "collect/log_writer.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "collect/log_target.h"
#include "collect/rotation.h"

enum {
    RESTING_MAX = 1024, /* nodes that are gone, and would go on in their files */
    TAIL_LINES = 1024,  /* are known at least */
    COMMIT_DIGITS = 5,  /* of the legacy layout's env */
    LINE_GROWTH = 8,    /* a text may grow so much when all of it must be escaped */
};

/* What an object becomes besides its texts, times TAIL_LINES_MAX. */
#define FRAMES_BYTES ((size_t)64 << 20)

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

/* --- Memory for lines: of calls, and not of nodes, of which there are many more ---------------- */

static size_t text_max(const struct collector_config *config)
{
    const uint64_t most = (SIZE_MAX - FRAMES_BYTES) / LINE_GROWTH;

    return (size_t)(config->message_bytes < most ? config->message_bytes : most) * LINE_GROWTH +
           FRAMES_BYTES;
}

static struct line_batch *batch_take(struct log_writer *w)
{
    struct line_batch *batch = NULL;

    pthread_mutex_lock(&w->lock);
    if (w->idle_count > 0)
        batch = w->idle[--w->idle_count];
    pthread_mutex_unlock(&w->lock);
    if (!batch && (batch = malloc(sizeof(*batch))) != NULL)
        line_batch_init(batch);
    if (batch)
        line_batch_limit(batch, text_max(w->config));
    return batch;
}

static void batch_free(struct line_batch *batch)
{
    line_batch_release(batch);
    free(batch);
}

static void batch_return(struct log_writer *w, struct line_batch *batch)
{
    void *idle;
    bool kept;

    line_batch_shrink(batch);
    pthread_mutex_lock(&w->lock);
    idle = (void *)w->idle;
    kept = array_reserve(allocator_libc(), &idle, &w->idle_cap, w->idle_count + 1,
                         sizeof(struct line_batch *), 1024);
    if (kept) {
        w->idle = idle;
        w->idle[w->idle_count++] = batch;
    }
    pthread_mutex_unlock(&w->lock);
    if (!kept)
        batch_free(batch);
}

/* --- Targets ---------------------------------------------------------------------------------- */

/* The order of writing. The journal cannot say what is in it, and goes by the file of the machine format: what
 * is in that has been in the journal before. Of the other files that one says at most how much they can have. */
static int rank_of(const struct log_entry *entry)
{
    if (entry->mode == LOG_JOURNAL)
        return 0;
    return entry->format == LOG_MACHINE ? 1 : 2;
}

enum { RANKS = 3 };

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
        log_target_configure(ret, entry, n->writer->config, text_max(n->writer->config));
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
            if (rank_of(&config->logs[i]) == rank) {
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
    char *copy = strcmp(n->name, name) == 0 ? n->name : strdup(name);

    if (!copy)
        return false;
    if (copy != n->name) {
        free(n->name);
        n->name = copy;
    }
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
    snprintf(n->env, sizeof(n->env), "%s:%.*s", version, COMMIT_DIGITS, commit);
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
    for (size_t i = 0; i < w->idle_count; i++)
        batch_free(w->idle[i]);
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

/* --- A reply ---------------------------------------------------------------------------------- */

static const struct line_text *form_of(struct line_batch *batch, const struct log_target *t)
{
    return line_batch_form(batch, t->entry.mode, t->entry.format);
}

static enum ou_status make_lines(struct log_node *n, struct line_batch *batch,
                                 struct trace_reply reply, bool all_machine, struct ou_error *err)
{
    const struct line_owner owner = { n->name, n->env };

    for (size_t i = 0; i < LINE_FORMS; i++)
        batch->forms[i].wanted = false;
    for (size_t i = 0; i < n->target_count; i++)
        line_batch_form(batch, n->targets[i].entry.mode, n->targets[i].entry.format)->wanted = true;
    if (all_machine)
        line_batch_form(batch, LOG_FILES, LOG_MACHINE)->wanted = true;
    return line_batch_make(batch, reply, &owner, err);
}

/* What each target has already. A file of the machine format knows best: its lines have the full time. */
static enum ou_status find_repeats(struct log_node *n, struct line_batch *batch, bool first,
                                   size_t keep, struct ou_error *err)
{
    const struct log_target *lead = NULL;

    for (size_t i = 0; i < n->target_count; i++) {
        struct log_target *t = &n->targets[i];
        enum ou_status status = log_target_match(t, batch, form_of(batch, t), first, keep);

        if (status != OU_OK)
            return ou_fail(err, status, "the end of %s/%s: %s", t->entry.root, n->folder,
                           ou_status_name(status));
        if (!lead && rank_of(&t->entry) == 1)
            lead = t;
    }
    for (size_t i = 0; i < n->target_count && lead; i++) {
        struct log_target *t = &n->targets[i];

        if (rank_of(&t->entry) == 0 || (rank_of(&t->entry) == 2 && t->repeats > lead->repeats))
            t->repeats = lead->repeats;
    }
    return OU_OK;
}

static size_t least_repeats(const struct log_node *n, size_t count)
{
    for (size_t i = 0; i < n->target_count; i++)
        if (n->targets[i].repeats < count)
            count = n->targets[i].repeats;
    return n->target_count ? count : 0;
}

/* One that cannot be written does not keep the others from being written. */
static enum ou_status write_lines(struct log_node *n, struct line_batch *batch, size_t keep,
                                  struct log_batch *ret, struct ou_error *err)
{
    enum ou_status first = OU_OK;

    for (size_t i = 0; i < n->target_count; i++) {
        struct log_target *t = &n->targets[i];
        struct ou_error own = { "" };
        enum ou_status status = log_target_write(t, batch, form_of(batch, t), keep,
                                                 n->writer->config->unwritable, ret, &own);

        if (err && own.text[0] && (!err->text[0] || (first == OU_OK && status != OU_OK)))
            *err = own;
        if (first == OU_OK)
            first = status;
    }
    return first;
}

static void tell_each(struct line_batch *batch, struct trace_reply reply, size_t repeats,
                      void (*each)(void *context, const struct log_line *), void *context)
{
    const struct line_text *machine = line_batch_form(batch, LOG_FILES, LOG_MACHINE);
    struct trace_object o;

    for (size_t i = 0; trace_reply_next(&reply, &o); i++) {
        const struct log_line line = {
            .object = &o,
            .name = line_batch_name(batch, &o),
            .line = line_batch_line(machine, i),
            .is_repeat = i < repeats,
        };

        each(context, &line);
    }
}

enum ou_status log_node_write(struct log_node *n, struct trace_reply reply, bool first,
                              uint16_t asked, void (*each)(void *context, const struct log_line *),
                              void *context, struct log_batch *ret, struct ou_error *err)
{
    const size_t keep = asked > TAIL_LINES ? asked : TAIL_LINES;
    struct line_batch *batch = batch_take(n->writer);
    enum ou_status status;

    *ret = (struct log_batch){ 0 };
    if (!batch)
        return ou_fail(err, OU_NO_MEMORY, "no memory for lines of %s", n->name);
    pthread_mutex_lock(&n->lock);
    status = make_lines(n, batch, reply, each != NULL, err);
    if (status == OU_OK)
        status = find_repeats(n, batch, first, keep, err);
    if (status == OU_OK) {
        const size_t repeats = least_repeats(n, batch->count);

        if (err)
            err->text[0] = '\0';
        ret->objects = batch->count;
        ret->repeated = repeats;
        ret->lost = n->lost;
        n->lost = 0;
        status = write_lines(n, batch, keep, ret, err);
        if (each)
            tell_each(batch, reply, repeats, each, context);
    }
    pthread_mutex_unlock(&n->lock);
    batch_return(n->writer, batch);
    return status;
}

static enum ou_status retry_targets(struct log_node *n, struct log_batch *ret, struct ou_error *err)
{
    enum ou_status first = OU_OK;

    for (size_t i = 0; i < n->target_count; i++) {
        enum ou_status status = log_target_retry(&n->targets[i], n->writer->config->unwritable, ret,
                                                 first == OU_OK ? err : NULL);

        if (first == OU_OK)
            first = status;
    }
    return first;
}

enum ou_status log_node_retry(struct log_node *n, struct log_batch *ret, struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct log_batch){ 0 };
    pthread_mutex_lock(&n->lock);
    ret->lost = n->lost;
    n->lost = 0;
    status = retry_targets(n, ret, err);
    pthread_mutex_unlock(&n->lock);
    return status;
}

/* --- By the clock ----------------------------------------------------------------------------- */

/* Whether a period has passed, or the clock was set back. The first one begins now. */
static bool is_due(int64_t *last_ns, int64_t now_ns, uint32_t period_s)
{
    const bool started = *last_ns != 0;
    const int64_t passed_ns = now_ns - *last_ns;
    const bool due = started && (passed_ns < 0 || passed_ns / NS_PER_SECOND >= period_s);

    if (due || !started)
        *last_ns = now_ns;
    return due;
}

static enum ou_status rotate(const struct log_node *n, struct log_target *t, int64_t now_ns,
                             struct ou_error *err)
{
    const struct log_rotation *rules = &n->writer->config->rotation;
    enum ou_status status = file_sink_rotate(&t->file, rules->limit_bytes, err), removed;

    removed =
        rotation_remove_old(n->writer->disk, t->file.folder, t->file.extension, t->file.stamp_s,
                            rules, now_ns / NS_PER_SECOND, status == OU_OK ? err : NULL);
    return status == OU_OK ? removed : status;
}

static enum ou_status tick_file(const struct log_node *n, struct log_target *t, bool rotation_due,
                                bool sync_due, int64_t now_ns, struct ou_error *err)
{
    enum ou_status status = file_sink_look_after(&t->file, err), next;

    if (rotation_due && t->file.fd >= 0) {
        next = rotate(n, t, now_ns, status == OU_OK ? err : NULL);
        status = status == OU_OK ? next : status;
    }
    if (sync_due) {
        next = file_sink_sync(&t->file, status == OU_OK ? err : NULL);
        status = status == OU_OK ? next : status;
    }
    return status;
}

enum ou_status log_node_tick(struct log_node *n, int64_t now_ns, struct ou_error *err)
{
    const struct collector_config *config = n->writer->config;
    enum ou_status first = OU_OK;
    bool rotation_due, sync_due;

    pthread_mutex_lock(&n->lock);
    rotation_due =
        config->rotation.wanted && is_due(&n->rotated_ns, now_ns, config->rotation.period_s);
    sync_due =
        config->durability == DURABLE_PERIOD && is_due(&n->synced_ns, now_ns, config->fsync_s);
    for (size_t i = 0; i < n->target_count; i++) {
        struct log_target *t = &n->targets[i];
        enum ou_status status =
            t->entry.mode == LOG_JOURNAL
                ? OU_OK
                : tick_file(n, t, rotation_due, sync_due, now_ns, first == OU_OK ? err : NULL);

        if (first == OU_OK)
            first = status;
    }
    pthread_mutex_unlock(&n->lock);
    return first;
}

enum ou_status log_node_sync(struct log_node *n, struct ou_error *err)
{
    struct log_batch left = { 0 };
    enum ou_status first;

    pthread_mutex_lock(&n->lock);
    first = retry_targets(n, &left, err);
    n->lost += left.lost;
    for (size_t i = 0; i < n->target_count; i++) {
        struct file_sink *file = &n->targets[i].file;
        enum ou_status status = file->durability == DURABLE_NEVER
                                    ? OU_OK
                                    : file_sink_sync(file, first == OU_OK ? err : NULL);

        if (first == OU_OK)
            first = status;
        if (n->targets[i].entry.mode == LOG_FILES)
            file_sink_close(file);
    }
    pthread_mutex_unlock(&n->lock);
    return first;
}
