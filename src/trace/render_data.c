#include "trace/render_data.h"

/* What one data is made of. */
struct work {
    const struct ou_field *fields;
    const struct ou_value *values;
    enum ou_detail detail;
    const struct value_form *form;
    struct buffer *out;
};

static bool field_is_shown(const struct work *w, size_t field)
{
    return w->fields[field].detail <= w->detail && value_is_shown(&w->values[field]);
}

static bool is_shown(const struct work *w, const struct plan_member *m)
{
    if (m->kind == PLAN_FIELD)
        return field_is_shown(w, m->field);
    if (m->kind == PLAN_CONSTANT || !m->has_fields)
        return true;
    /* Constants alone keep no object alive. */
    for (size_t i = 1; i <= m->inner; i++)
        if (m[i].kind == PLAN_FIELD && field_is_shown(w, m[i].field))
            return true;
    return false;
}

/* The text of a member, its comma replaced by the separator. */
static void append_member_text(struct buffer *out, char separator, struct span text)
{
    char *at = buffer_room(out, text.len);

    if (!at)
        return;
    memcpy(at, text.at, text.len);
    *at = separator;
    buffer_added(out, text.len);
}

/* An object of so many members, those inside its members counted. */
static void append_object(const struct work *w, const struct plan_member *members, size_t count)
{
    char separator = '{';
    bool written = false; /* the key, by this member or an alternative before it */

    for (const struct plan_member *m = members; m < members + count; m += 1 + m->inner) {
        written = written && m->alternative;
        if (written || !is_shown(w, m))
            continue;
        if (m->kind == PLAN_FIELD)
            value_member(w->out, separator, m->text, &w->values[m->field], w->form);
        else
            append_member_text(w->out, separator, m->text);
        if (m->kind == PLAN_OBJECT)
            append_object(w, m + 1, m->inner);
        written = true;
        separator = ',';
    }
    buffer_text(w->out, separator == '{' ? "{}" : "}");
}

void data_render(const struct plan *plan, const struct plan_data *data, const struct ou_message *m,
                 enum ou_detail detail, const struct value_form *form, struct buffer *out)
{
    const struct work w = { plan->point->fields, m->values, detail, form, out };

    if (detail < plan->point->empty_below)
        buffer_text(out, "{}");
    else
        append_object(&w, data->members, data->count);
}

void data_render_machine(const struct plan *plan, const struct ou_message *m, enum ou_detail detail,
                         struct buffer *out)
{
    const struct value_form form = { detail == OU_DMINIMAL ? 7 : 2 * OU_HASH_BYTES, false };

    data_render(plan, &plan->data, m, detail, &form, out);
}
