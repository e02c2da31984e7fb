#include "collect/log_target.h"

#include "collect/journal_sink.h"

static const char *extension_of(enum log_format format)
{
    static const char *const extensions[] = {
        [LOG_MACHINE] = "json", [LOG_HUMAN] = "log", [LOG_LEGACY] = "scjson"
    };

    return extensions[format];
}

enum ou_status log_target_init(struct log_target *t, const struct log_entry *entry,
                               struct disk *disk, const char *folder)
{
    *t = (struct log_target){ .entry = *entry, .tail_known = entry->mode == LOG_JOURNAL };
    t->file.fd = -1;
    buffer_init(&t->waiting, allocator_libc(), 0);
    tail_init(&t->tail);
    if (entry->mode == LOG_JOURNAL)
        return OU_OK;
    return file_sink_init(&t->file, disk, entry->root, folder, extension_of(entry->format));
}

void log_target_release(struct log_target *t)
{
    file_sink_release(&t->file);
    buffer_release(&t->waiting);
    tail_release(&t->tail);
}

void log_target_configure(struct log_target *t, const struct log_entry *entry,
                          const struct collector_config *config, size_t waiting_max)
{
    t->entry = *entry; /* its texts belong to the configuration */
    t->file.durability = config->durability;
    t->waiting.max = waiting_max > t->waiting.len ? waiting_max : t->waiting.len;
}

bool log_target_is(const struct log_target *t, const struct log_entry *entry)
{
    return t->entry.mode == entry->mode && t->entry.format == entry->format &&
           (entry->mode == LOG_JOURNAL || strcmp(t->file.root, entry->root) == 0);
}

/* --- Repetitions ------------------------------------------------------------------------------ */

/* What cannot be read, or not be made durable, does not count as written: its lines may come twice then, which is
 * better than not at all. */
static enum ou_status know_tail(struct log_target *t, size_t keep)
{
    enum ou_status status = t->tail_known ? OU_OK : file_sink_tail(&t->file, keep, &t->tail, NULL);

    if (status != OU_OK)
        tail_release(&t->tail);
    if (status == OU_NO_MEMORY)
        return status;
    t->tail_known = true;
    return OU_OK;
}

enum ou_status log_target_match(struct log_target *t, const struct line_batch *batch,
                                const struct line_text *form, bool first, size_t keep)
{
    enum ou_status status = know_tail(t, keep);

    if (status == OU_OK)
        status = tail_match(&t->tail, form->marks, batch->count, first, &t->repeats);
    return status;
}

/* --- Writing ---------------------------------------------------------------------------------- */

static uint64_t count_newlines(struct span lines)
{
    const char *at = lines.at, *end = at + lines.len;
    uint64_t count = 0;

    for (; at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL; at++)
        count++;
    return count;
}

static uint64_t count_lines(const struct log_target *t, struct span text)
{
    if (text.len == 0)
        return 0;
    return t->entry.mode == LOG_JOURNAL ? journal_records(text) : count_newlines(text);
}

/* *ret_done: bytes that are out. */
static enum ou_status send(struct log_target *t, struct span text, size_t *ret_done,
                           struct log_batch *ret, struct ou_error *err)
{
    uint64_t refused = 0;
    enum ou_status status = t->entry.mode == LOG_JOURNAL
                                ? journal_send(text, ret_done, &refused, err)
                                : file_sink_append(&t->file, text, ret_done, err);

    ret->lines += count_lines(t, (struct span){ text.at, *ret_done }) - refused;
    ret->lost += refused;
    ret->bytes += *ret_done;
    return status;
}

static struct span behind(struct span text, size_t done)
{
    return (struct span){ text.at + done, text.len - done };
}

/* What finds no room is lost. */
static void keep_waiting(struct log_target *t, struct span text, struct log_batch *ret)
{
    const size_t len = t->waiting.len;

    buffer_append(&t->waiting, text.at, text.len);
    if (buffer_status(&t->waiting) == OU_OK)
        return;
    buffer_cut(&t->waiting, len);
    ret->lost += count_lines(t, text);
}

void log_target_give_up(struct log_target *t, struct log_batch *ret)
{
    const size_t max = t->waiting.max;

    ret->lost += count_lines(t, (struct span){ t->waiting.at, t->waiting.len });
    buffer_release(&t->waiting);
    buffer_init(&t->waiting, allocator_libc(), max);
}

enum ou_status log_target_retry(struct log_target *t, enum log_unwritable unwritable,
                                struct log_batch *ret, struct ou_error *err)
{
    const struct span text = { t->waiting.at, t->waiting.len };
    enum ou_status status;
    struct span left;
    size_t done;

    if (text.len == 0)
        return OU_OK;
    status = send(t, text, &done, ret, err);
    left = behind(text, done);
    if (left.len > 0)
        memmove(t->waiting.at, left.at, left.len);
    buffer_cut(&t->waiting, left.len);
    if (status != OU_OK && unwritable == UNWRITABLE_WAIT)
        return status;
    log_target_give_up(t, ret); /* nothing, when all is written: memory is given back */
    return OU_OK;
}

static enum ou_status write_now(struct log_target *t, struct span text,
                                enum log_unwritable unwritable, struct log_batch *ret,
                                struct ou_error *err)
{
    size_t done;
    enum ou_status status = send(t, text, &done, ret, err);

    if (status == OU_OK)
        return OU_OK;
    if (unwritable == UNWRITABLE_DROP) {
        ret->lost += count_lines(t, behind(text, done));
        return OU_OK;
    }
    keep_waiting(t, behind(text, done), ret);
    return status;
}

enum ou_status log_target_write(struct log_target *t, const struct line_batch *batch,
                                const struct line_text *form, size_t keep,
                                enum log_unwritable unwritable, struct log_batch *ret,
                                struct ou_error *err)
{
    const struct span text = line_batch_rest(batch, form, t->repeats);
    enum ou_status status = log_target_retry(t, unwritable, ret, err);

    if (text.len == 0)
        return status;
    /* Without memory for it a repetition would not be recognised: written twice, not lost. */
    if (tail_add(&t->tail, form->marks + t->repeats, batch->count - t->repeats, keep) != OU_OK)
        tail_release(&t->tail);
    if (status == OU_OK)
        return write_now(t, text, unwritable, ret, err);
    keep_waiting(t, text, ret);
    return status;
}
