#include "trace/render.h"

#include "base/digits.h"
#include "trace/render_data.h"
#include "trace/render_text.h"
#include "trace/render_time.h"

static void append(struct buffer *out, struct span text)
{
    buffer_append(out, text.at, text.len);
}

static void append_number(struct buffer *out, uint64_t number)
{
    char *at = buffer_room(out, DIGITS_ROOM);

    if (at)
        buffer_added(out, digits_u64(number, at));
}

void render_data(const struct plan *plan, const struct ou_message *m, struct buffer *out)
{
    data_render_machine(plan, m, m->detail, out);
}

void render_machine(const struct plan *plan, const struct ou_message *m, struct buffer *out)
{
    char *at;

    buffer_text(out, "{\"at\":\"");
    at = buffer_room(out, RENDER_TIME_ROOM);
    if (!at)
        return;
    buffer_added(out, render_time(m->at_ns, 9, true, at));
    append(out, plan->machine_ns);
    render_data(plan, m, out);
    append(out, plan->severity);
    append_number(out, m->thread);
    buffer_text(out, "\",\"host\":");
    text_quoted(out, span_of(m->host));
    buffer_text(out, "}\n");
}

/* [2026-03-22 06:24:52.1234Z] */
static void append_human_time(struct buffer *out, int64_t at_ns)
{
    char *at = buffer_room(out, RENDER_TIME_ROOM + 2);
    size_t len;

    if (!at)
        return;
    at[0] = '[';
    len = 1 + render_time(at_ns, 4, false, at + 1);
    at[1 + 10] = ' '; /* in place of the T */
    at[len] = ']';
    buffer_added(out, len + 1);
}

/* The point has a human form. */
static void append_pieces(const struct plan *plan, const struct ou_message *m, struct buffer *out)
{
    for (size_t i = 0; i < plan->piece_count; i++) {
        append(out, plan->pieces[i].text);
        if (plan->pieces[i].field >= 0)
            value_bare(out, &m->values[plan->pieces[i].field]);
    }
}

static void append_human_text(const struct plan *plan, const struct ou_message *m,
                              struct buffer *out)
{
    if (plan->pieces) {
        append_pieces(plan, m, out);
        return;
    }
    buffer_text(out, "{\"data\":");
    data_render_machine(plan, m, OU_DNORMAL, out);
    buffer_char(out, '}');
}

static void append_human(const struct plan *plan, const struct ou_message *m, bool coloured,
                         struct buffer *out)
{
    append_human_time(out, m->at_ns);
    if (coloured)
        append(out, plan->colour);
    buffer_char(out, '[');
    text_bare(out, span_of(m->host));
    append(out, plan->human_ns);
    if (coloured)
        buffer_text(out, "\x1b[0m");
    append(out, plan->human_severity);
    append_number(out, m->thread);
    buffer_text(out, ") ");
    append_human_text(plan, m, out);
}

void render_human(const struct plan *plan, const struct ou_message *m, bool coloured,
                  struct buffer *out)
{
    append_human(plan, m, coloured && plan->colour.len > 0, out);
    buffer_char(out, '\n');
}

bool render_human_form(const struct plan *plan, const struct ou_message *m, struct buffer *out)
{
    if (!plan->pieces)
        return false;
    append_human(plan, m, false, out);
    return true;
}
