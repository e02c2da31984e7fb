#include "collect/line_batch.h"

#include <stdlib.h>

#include "collect/journal_sink.h"
#include "collect/line_form.h"
#include "collect/line_legacy.h"

enum { KEPT_BYTES = 1 << 20, NAME_MAX_BYTES = 1 << 20 };

void line_batch_init(struct line_batch *b)
{
    *b = (struct line_batch){ 0 };
    for (size_t i = 0; i < LINE_FORMS; i++)
        buffer_init(&b->forms[i].text, allocator_libc(), KEPT_BYTES);
    buffer_init(&b->name, allocator_libc(), NAME_MAX_BYTES);
    buffer_init(&b->message, allocator_libc(), KEPT_BYTES);
    buffer_init(&b->scratch, allocator_libc(), KEPT_BYTES);
}

void line_batch_limit(struct line_batch *b, size_t bytes_max)
{
    for (size_t i = 0; i < LINE_FORMS; i++)
        b->forms[i].text.max = bytes_max;
    b->name.max = b->message.max = b->scratch.max = bytes_max;
}

void line_batch_release(struct line_batch *b)
{
    for (size_t i = 0; i < LINE_FORMS; i++) {
        buffer_release(&b->forms[i].text);
        free(b->forms[i].marks);
    }
    buffer_release(&b->name);
    buffer_release(&b->message);
    buffer_release(&b->scratch);
    line_batch_init(b);
}

struct line_text *line_batch_form(struct line_batch *b, enum log_mode mode, enum log_format format)
{
    return &b->forms[(size_t)mode * LOG_FORMATS + format];
}

struct span line_batch_name(struct line_batch *b, const struct trace_object *o)
{
    if (o->name_count == 1) /* the shape of 2026 */
        return o->name[0];
    buffer_clear(&b->name);
    trace_object_name(o, &b->name);
    return (struct span){ b->name.at, b->name.len };
}

/* --- Making ----------------------------------------------------------------------------------- */

static void append_form(struct line_batch *b, const struct trace_object *o, struct span name,
                        enum log_format format, const struct line_owner *owner, struct buffer *out)
{
    switch (format) {
    case LOG_MACHINE: line_machine(o, name, out); break;
    case LOG_HUMAN: line_human(o, name, out); break;
    case LOG_LEGACY: line_legacy(o, name, owner->env, &b->scratch, out); break;
    }
}

/* What a record tells: texts for people as they are, since a record may have several lines, and its other fields have the
 * rest. */
static void append_record(struct line_batch *b, const struct trace_object *o, struct span name,
                          enum log_format format, const struct line_owner *owner,
                          struct buffer *out)
{
    struct span message = o->human;

    if (format != LOG_HUMAN || !o->has_human || o->human.len == 0) {
        buffer_clear(&b->message);
        append_form(b, o, name, format == LOG_HUMAN ? LOG_MACHINE : format, owner, &b->message);
        message = (struct span){ b->message.at, b->message.len };
        if (buffer_status(&b->message) != OU_OK)
            out->status = buffer_status(&b->message);
    }
    journal_record(o, name, owner->node, message, out);
}

static enum ou_status mark_line(struct line_text *form, size_t i, size_t start, size_t end)
{
    void *marks = form->marks;

    if (!array_reserve(allocator_libc(), &marks, &form->mark_cap, i + 1, sizeof(*form->marks),
                       TAIL_LINES_MAX))
        return OU_NO_MEMORY;
    form->marks = (struct line_mark *)marks;
    form->marks[i] = (struct line_mark){
        .hash = tail_hash((struct span){ form->text.at + start, end - start }),
        .end = form->text.len,
    };
    return OU_OK;
}

static enum ou_status add_line(struct line_batch *b, size_t form_number,
                               const struct trace_object *o, struct span name,
                               const struct line_owner *owner)
{
    const enum log_format format = (enum log_format)(form_number % LOG_FORMATS);
    struct line_text *form = &b->forms[form_number];
    const size_t start = form->text.len;
    size_t end;

    if (form_number >= LOG_FORMATS) {
        append_record(b, o, name, format, owner, &form->text);
        end = form->text.len;
    } else {
        append_form(b, o, name, format, owner, &form->text);
        end = form->text.len;
        buffer_char(&form->text, '\n');
    }
    if (buffer_status(&form->text) != OU_OK)
        return buffer_status(&form->text);
    return mark_line(form, b->count, start, end);
}

static enum ou_status add_object(struct line_batch *b, const struct trace_object *o,
                                 const struct line_owner *owner)
{
    const struct span name = line_batch_name(b, o);
    enum ou_status status = OU_OK;

    if (o->name_count != 1 && buffer_status(&b->name) != OU_OK)
        return buffer_status(&b->name);
    for (size_t i = 0; i < LINE_FORMS && status == OU_OK; i++)
        if (b->forms[i].wanted)
            status = add_line(b, i, o, name, owner);
    b->count++;
    return status;
}

enum ou_status line_batch_make(struct line_batch *b, struct trace_reply reply,
                               const struct line_owner *owner, struct ou_error *err)
{
    struct trace_object o;

    b->count = 0;
    for (size_t i = 0; i < LINE_FORMS; i++)
        buffer_clear(&b->forms[i].text);
    while (trace_reply_next(&reply, &o)) {
        enum ou_status status;

        if (b->count == TAIL_LINES_MAX)
            return ou_fail(err, OU_INVALID, "a reply of more than %d objects", TAIL_LINES_MAX);
        status = add_object(b, &o, owner);
        if (status != OU_OK)
            return ou_fail(err, status, "lines of trace objects: %s", ou_status_name(status));
    }
    if (!cbor_ok(&reply.at))
        return ou_fail(err, OU_INVALID, "a reply that is not in order: object %zu: %s",
                       b->count + 1, reply.at.why ? reply.at.why : "it is cut");
    return OU_OK;
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct span line_batch_line(const struct line_text *form, size_t i)
{
    const size_t start = i ? form->marks[i - 1].end : 0;

    return (struct span){ form->text.at + start, form->marks[i].end - 1 - start };
}

struct span line_batch_rest(const struct line_batch *b, const struct line_text *form, size_t first)
{
    const size_t start = first ? form->marks[first - 1].end : 0;

    if (first >= b->count)
        return (struct span){ NULL, 0 };
    return (struct span){ form->text.at + start, form->text.len - start };
}

static void shrink(struct buffer *buffer)
{
    const size_t max = buffer->max;

    if (buffer->cap <= KEPT_BYTES)
        return;
    buffer_release(buffer);
    buffer_init(buffer, allocator_libc(), max);
}

void line_batch_shrink(struct line_batch *b)
{
    for (size_t i = 0; i < LINE_FORMS; i++)
        shrink(&b->forms[i].text);
    shrink(&b->name);
    shrink(&b->message);
    shrink(&b->scratch);
}
