#include "base/digits.h"
#include "trace/render.h"
#include "trace/render_data.h"
#include "trace/render_text.h"
#include "trace/render_time.h"

static void append_data(const struct plan *plan, const struct ou_message *m, bool maximal,
                        struct buffer *out)
{
    const struct value_form form = { maximal ? 2 * OU_HASH_BYTES : 8, true };
    const bool wrapped = plan->legacy_wrapped;

    if (wrapped)
        buffer_text(out, "{\"credentials\":\"Cardano\",\"val\":");
    data_render(plan, &plan->legacy_data, m, maximal ? OU_DMAXIMUM : OU_DNORMAL, &form, out);
    if (wrapped)
        buffer_char(out, '}');
}

void render_legacy(const struct plan *plan, const struct ou_message *m,
                   const struct legacy_frame *frame, struct buffer *out)
{
    char number[DIGITS_ROOM], *at;

    buffer_text(out, "{\"app\":[],\"at\":\"");
    at = buffer_room(out, RENDER_TIME_ROOM);
    if (!at)
        return;
    buffer_added(out, render_time(m->at_ns, 2, true, at));
    buffer_text(out, "\",\"data\":");
    append_data(plan, m, frame->maximal, out);
    buffer_text(out, ",\"env\":");
    text_quoted(out, span_of(frame->env));
    buffer_text(out, ",\"host\":");
    text_quoted(out, span_of(frame->host));
    buffer_append(out, plan->legacy_ns.at, plan->legacy_ns.len);
    text_quoted(out, span_of(frame->pid));
    buffer_append(out, plan->severity.at, plan->severity.len);
    buffer_append(out, number, digits_u64(m->thread, number));
    buffer_text(out, "\"}\n");
}
