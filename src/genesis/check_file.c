#include "genesis/check_file.h"

#include <xxhash.h>

#include "base/suggest.h"
#include "genesis/check_inside.h"

/* ---- containers that begin ---- */

/* NULL where the value is not of the field's kind; *ret_kind is what to expect in it. */
static bool opens(const struct genesis_field *f, enum walk_kind kind, enum frame_kind *ret_kind)
{
    if (kind == WALK_ARRAY) {
        *ret_kind = FRAME_LIST;
        return f->type == TYPE_LIST || f->type == TYPE_COST_MODEL;
    }
    *ret_kind = f->type == TYPE_MAP        ? FRAME_MAP
                : f->type == TYPE_RATIONAL ? FRAME_FRACTION
                                           : FRAME_OBJECT;
    return f->type == TYPE_OBJECT || f->type == TYPE_MAP || f->type == TYPE_RATIONAL ||
           (f->type == TYPE_COST_MODEL && f->children);
}

static enum ou_status push(struct file_check *c, const struct genesis_field *f,
                           const struct walk_value *v, enum frame_kind kind)
{
    const size_t path_len = check_path(c, v);
    struct frame *frame;

    if (c->depth == FRAMES_MAX)
        return ou_fail(c->err, OU_INVALID, "the table of genesis files nests too deep");
    frame = &c->frames[c->depth++];
    *frame = (struct frame){ .kind = kind,
                             .field = f,
                             .line = v->line,
                             .column = v->column,
                             .path_len = path_len,
                             .number = ++c->maps };
    if (f->key == KEY_HEX && f->key_bytes <= sizeof frame->id)
        genesis_hex(v->name, f->key_bytes, frame->id);
    return OU_OK;
}

static enum ou_status visit_container(struct file_check *c, const struct genesis_field *f,
                                      const struct walk_value *v)
{
    char reason[GENESIS_REASON_ROOM];
    enum frame_kind kind;

    if (f && f->type != TYPE_ANY) {
        if (opens(f, v->kind, &kind))
            return push(c, f, v, kind);
        genesis_kind_fails(f, v->kind, reason);
        TELL(c, GENESIS_FAULT, f, v, "%s", reason);
    }
    return json_walk_skip(&c->walk, NULL, c->err);
}

/* ---- values ---- */

static bool is_container(const struct walk_value *v)
{
    return v->kind == WALK_OBJECT || v->kind == WALK_ARRAY;
}

static enum ou_status visit(struct file_check *c, const struct genesis_field *f,
                            const struct walk_value *v)
{
    char reason[GENESIS_REASON_ROOM];
    struct genesis_number n = genesis_whole(0);

    if (is_container(v))
        return visit_container(c, f, v);
    if (!genesis_value_check(f, v, &n, reason)) {
        TELL(c, GENESIS_FAULT, f, v, "%s", reason);
        return OU_OK;
    }
    return v->kind == WALK_NULL ? OU_OK : check_note_value(c, f, v, n);
}

static enum ou_status skip(struct file_check *c, const struct walk_value *v)
{
    return is_container(v) ? json_walk_skip(&c->walk, NULL, c->err) : OU_OK;
}

/* ---- members ---- */

/* The nearest name of those that are not there yet. */
static void tell_unknown(struct file_check *c, const struct walk_value *v)
{
    const struct frame *frame = top(c);
    const bool model = frame->field->type == TYPE_COST_MODEL;
    const bool suggesting = c->unknown++ < FINDINGS_ALIKE_MAX; /* more are not told */
    struct suggestion near;

    suggest_for(&near, v->name);
    for (const struct genesis_field *f = frame->field->children; f && suggesting; f = f->next)
        if (!is_seen(frame, f))
            suggest_consider(&near, f->name);
    TELL(c, model ? GENESIS_FAULT : GENESIS_REMARK, "unknown", v, "%s%s%s%s",
         model ? "is no parameter of this cost model" : "is no member that nodes know: ignored",
         near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
}

static void check_spelling(struct file_check *c, const struct genesis_field *f,
                           const struct walk_value *v)
{
    if (f->need != NEED_OLDER)
        return;
    top(c)->older_form |= !f->instead_of;
    c->older_spelling |= f->instead_of != NULL;
    if (f->instead_of)
        TELL(c, GENESIS_REMARK, f, v, "is how nodes %s call %s", f->nodes, f->instead_of->name);
    else
        TELL(c, GENESIS_REMARK, f, v, "is a member for nodes %s only", f->nodes);
}

/* Two members that are spellings of the same one. */
static void check_other_spellings(struct file_check *c, const struct genesis_field *f,
                                  const struct walk_value *v)
{
    const struct frame *frame = top(c);

    for (const struct genesis_field *s = frame->field->children; s; s = s->next) {
        const bool same = s->instead_of == f || s == f->instead_of ||
                          (f->instead_of && s->instead_of == f->instead_of);

        if (same && s != f && is_seen(frame, s))
            TELL(c, GENESIS_FAULT, "both", v, "stands beside %s, which is another name of the same",
                 s->name);
    }
}

static enum ou_status visit_member(struct file_check *c, const struct walk_value *v)
{
    struct frame *frame = top(c);
    const struct genesis_field *f = genesis_field_find(frame->field, v->name);

    if (!f) {
        tell_unknown(c, v);
        return skip(c, v);
    }
    if (is_seen(frame, f)) {
        TELL(c, GENESIS_FAULT, "twice", v, "stands twice in its object; a node takes one of them");
        return skip(c, v);
    }
    frame->seen[f->number / 64] |= UINT64_C(1) << f->number % 64;
    check_spelling(c, f, v);
    check_other_spellings(c, f, v);
    return visit(c, f, v);
}

static enum ou_status visit_entry(struct file_check *c, const struct walk_value *v)
{
    const struct genesis_field *f = top(c)->field->children;
    char reason[GENESIS_REASON_ROOM];
    enum ou_status status = check_note_name(c, v);

    if (status)
        return status;
    if (genesis_key_check(f, v->name, reason))
        status = check_note_entry(c, f, v);
    else
        TELL(c, GENESIS_FAULT, (const char *)f + 1, v, "the name %s", reason);
    return status ? status : visit(c, f, v);
}

/* Of a list: an item; of a cost model, a whole number. */
static enum ou_status visit_item(struct file_check *c, const struct walk_value *v)
{
    static const struct genesis_field cost = {
        .type = TYPE_INTEGER,
        .range = "-2^63..2^63-1",
        .has_low = true,
        .has_high = true,
        .low = { INT64_MIN, 1 },
        .high = { INT64_MAX, 1 },
    };
    const struct genesis_field *list = top(c)->field;

    top(c)->count++;
    return visit(c, list->type == TYPE_COST_MODEL ? &cost : list->children, v);
}

static enum ou_status visit_part(struct file_check *c, const struct walk_value *v)
{
    struct frame *frame = top(c);
    const bool above = span_is(v->name, "numerator"), below = span_is(v->name, "denominator");
    struct genesis_number n;

    if (!above && !below) {
        TELL(c, GENESIS_REMARK, "part", v, "is no part of a fraction: ignored");
        return skip(c, v);
    }
    if (v->kind != WALK_NUMBER || !genesis_number_read(v->text, &n) || !genesis_is_whole(n)) {
        TELL(c, GENESIS_FAULT, "part", v, "must be a whole number below 2^64");
        return skip(c, v);
    }
    if (frame->seen[0] & (above ? 1 : 2))
        TELL(c, GENESIS_FAULT, "twice", v, "stands twice in its object; a node takes one of them");
    frame->seen[0] |= above ? 1 : 2;
    *(above ? &frame->above : &frame->below) = n;
    return OU_OK;
}

static enum ou_status visit_inside(struct file_check *c, const struct walk_value *v)
{
    switch (top(c)->kind) {
    case FRAME_OBJECT: return visit_member(c, v);
    case FRAME_MAP: return visit_entry(c, v);
    case FRAME_LIST: return visit_item(c, v);
    case FRAME_FRACTION: return visit_part(c, v);
    }
    return OU_OK;
}

/* ---- the file ---- */

static enum ou_status visit_document(struct file_check *c, const struct genesis_field *root)
{
    struct walk_value v;
    enum ou_status status;

    for (;;) {
        status = json_walk_next(&c->walk, &v, c->err);
        if (status || v.kind == WALK_END)
            return status;
        if (v.kind == WALK_CLOSE) {
            check_end(c);
            c->depth--;
        } else {
            status = c->depth ? visit_inside(c, &v) : visit(c, root, &v);
        }
        if (status)
            return status;
    }
}

enum ou_status genesis_check_file(const char *path, enum genesis_era era,
                                  const struct genesis_fields *fields,
                                  struct genesis_teller *teller, struct genesis_facts *facts,
                                  struct ou_error *err)
{
    struct file_check c = { .era = era, .teller = teller, .facts = facts, .err = err };
    enum ou_status status = json_walk_open(&c.walk, path, err);

    if (status)
        return status;
    map_init(&c.names, allocator_libc(), sizeof(XXH128_hash_t), 0, GENESIS_NAMES_MAX);
    status = visit_document(&c, fields->roots[era]);
    if (status == OU_INVALID && c.walk.problem) {
        genesis_tell(teller, GENESIS_FAULT, "json", c.walk.problem_line, c.walk.problem_column, "",
                     "no JSON: %s", c.walk.problem);
        status = OU_OK;
    } else {
        facts->given = !status;
    }
    map_release(&c.names);
    json_walk_close(&c.walk);
    return status;
}
