#include "collect/log_writer.h"

#include <stdlib.h>

#include "base/time.h"
#include "collect/log_writer_inside.h"
#include "collect/rotation.h"

enum { TAIL_LINES = 1024 }; /* are known of each node at least */

/* --- Memory for lines: of calls, and not of nodes, of which there are many more ---------------- */

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
        line_batch_limit(batch, log_text_max(w->config));
    return batch;
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
    if (!kept) {
        line_batch_release(batch);
        free(batch);
    }
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
        if (!lead && log_rank_of(&t->entry) == RANK_MACHINE)
            lead = t;
    }
    for (size_t i = 0; i < n->target_count && lead; i++) {
        struct log_target *t = &n->targets[i];

        if (log_rank_of(&t->entry) == RANK_JOURNAL ||
            (log_rank_of(&t->entry) == RANK_OTHER && t->repeats > lead->repeats))
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

size_t log_node_left_bytes(struct log_node *n)
{
    size_t left = 0;

    pthread_mutex_lock(&n->lock);
    for (size_t i = 0; i < n->target_count; i++)
        left += n->targets[i].waiting.cap;
    pthread_mutex_unlock(&n->lock);
    return left;
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
