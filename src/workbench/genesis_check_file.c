#include "workbench/genesis_check_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/hash_seed.h"
#include "base/suggest.h"

#define PATH_ROOM 1024
#define PATH_NAME_MAX 100 /* bytes of a name in a path */

enum frame_kind {
    FRAME_OBJECT,   /* of members that the table has */
    FRAME_MAP,      /* of entries */
    FRAME_LIST,     /* of items, of a cost model's too */
    FRAME_FRACTION, /* numerator and denominator */
};

/* A container that is open. */
struct frame {
    enum frame_kind kind;
    const struct genesis_field *field;
    uint64_t line, column;
    size_t path_len; /* of the path of it */
    uint64_t number; /* of the map, for its names */
    uint64_t count;  /* of what it has */
    uint64_t seen[GENESIS_MEMBERS_MAX / 64];
    bool older_form; /* it has a member that only older nodes have */
    struct genesis_number above, below;
    uint8_t id[GENESIS_CREDENTIAL_BYTES]; /* of an entry: its name, where that is hex */
};

/* The table nests so deep; what it does not have is skipped. */
#define FRAMES_MAX 16

struct file_check {
    enum genesis_era era;
    struct genesis_walk walk;
    struct genesis_teller *teller;
    struct genesis_facts *facts;
    struct frame frames[FRAMES_MAX];
    unsigned depth;
    uint64_t maps; /* opened so far */
    struct map names;
    bool names_full;
    uint64_t unknown;    /* members so far that the table does not have */
    bool older_spelling; /* the file is of older nodes: what newer ones want may be missing */
    char path[PATH_ROOM];
    struct ou_error *err;
};

static struct frame *top(struct file_check *c)
{
    return &c->frames[c->depth - 1];
}

/* ---- telling ---- */

/* The path up to len and one more part; it stays valid until the next. */
static size_t extend_path(struct file_check *c, size_t len, struct span name)
{
    const int shown = (int)(name.len < PATH_NAME_MAX ? name.len : PATH_NAME_MAX);

    len +=
        (size_t)snprintf(c->path + len, PATH_ROOM - len, "%s%.*s", len ? "." : "", shown, name.at);
    return len < PATH_ROOM ? len : PATH_ROOM - 1;
}

static size_t path_of(struct file_check *c, const struct walk_value *v)
{
    char item[24];

    if (c->depth == 0)
        return 0;
    if (v->is_member)
        return extend_path(c, top(c)->path_len, v->name);
    snprintf(item, sizeof item, "[%" PRIu64 "]", top(c)->count ? top(c)->count - 1 : 0);
    return extend_path(c, top(c)->path_len, span_of(item));
}

#define TELL(c, severity, what, v, ...)                                                  \
    do {                                                                                 \
        (c)->path[path_of((c), (v))] = '\0';                                             \
        genesis_tell((c)->teller, (severity), (what), (v)->line, (v)->column, (c)->path, \
                     __VA_ARGS__);                                                       \
    } while (0)

/* Of the container on top, or of a member that it lacks. */
static void tell_of_top(struct file_check *c, enum genesis_severity severity, const void *what,
                        const char *member, const char *reason)
{
    const struct frame *f = top(c);

    c->path[member ? extend_path(c, f->path_len, span_of(member)) : f->path_len] = '\0';
    genesis_tell(c->teller, severity, what, f->line, f->column, c->path, "%s", reason);
}

/* ---- names that stand twice ---- */

/* Entries of maps are told apart by 128 bits of a hash with a seed of this process: that two names share them is less
 * likely than a fault of the memory. */
static enum ou_status note_name(struct file_check *c, const struct walk_value *v)
{
    const XXH128_hash_t hash =
        XXH3_128bits_withSeed(v->name.at, v->name.len, hash_seed() + top(c)->number);
    bool is_new = true;
    enum ou_status status = c->names_full ? OU_OK : map_put(&c->names, &hash, NULL, &is_new);

    if (status == OU_TOO_LARGE) {
        c->names_full = true;
        genesis_tell(c->teller, GENESIS_REMARK, &c->names_full, v->line, v->column, "",
                     "from here on it is not looked whether a name stands twice: there are too "
                     "many");
        return OU_OK;
    }
    if (status)
        return ou_fail(c->err, status, "%s: no memory for its names", c->walk.path);
    if (!is_new)
        TELL(c, GENESIS_FAULT, "twice", v, "stands twice in its object; a node takes one of them");
    return OU_OK;
}

/* ---- facts ---- */

static void note_number(struct file_check *c, enum genesis_role role, struct genesis_number n,
                        uint64_t line, uint64_t column)
{
    c->facts->at[role] = (struct genesis_fact){ true, n, { line, column, 1 } };
}

static enum ou_status fail_without_memory(const struct file_check *c)
{
    return ou_fail(c->err, OU_NO_MEMORY, "%s: no memory for its pools and DReps", c->walk.path);
}

static void note_fund(struct file_check *c, const struct walk_value *v, struct genesis_number n)
{
    c->facts->funds += n.above;
    if (v->name.len > 1 && (v->name.at[1] == '0' || v->name.at[1] == '1') && v->name.at[0] != '8')
        genesis_place_note(&c->facts->addresses[v->name.at[1] - '0'], v->line, v->column);
}

static enum ou_status note_delegation(struct file_check *c, const struct walk_value *v)
{
    uint8_t id[KEY_HASH_BYTES];

    if (!genesis_hex(v->text, sizeof id, id))
        return OU_OK; /* told already */
    return genesis_reference_wanted(&c->facts->pools, id, v->line, v->column)
               ? fail_without_memory(c)
               : OU_OK;
}

static enum ou_status note_vote_delegation(struct file_check *c, const struct walk_value *v)
{
    uint8_t id[GENESIS_CREDENTIAL_BYTES];
    bool named;

    if (!genesis_drep(v->text, &named, id) || !named)
        return OU_OK;
    return genesis_reference_wanted(&c->facts->dreps, id, v->line, v->column)
               ? fail_without_memory(c)
               : OU_OK;
}

static void check_pool_key(struct file_check *c, const struct walk_value *v)
{
    uint8_t key[KEY_HASH_BYTES];

    if (genesis_hex(v->text, sizeof key, key) && memcmp(key, top(c)->id, sizeof key) != 0)
        TELL(c, GENESIS_FAULT, "pool key", v,
             "must be the id of its pool, the name of this object");
}

/* Of a value that is as the table says. */
static enum ou_status note_value(struct file_check *c, const struct genesis_field *f,
                                 const struct walk_value *v, struct genesis_number n)
{
    switch (f->role) {
    case ROLE_NONE: return OU_OK;
    case ROLE_fund: note_fund(c, v, n); return OU_OK;
    case ROLE_pool_key: check_pool_key(c, v); return OU_OK;
    case ROLE_drep_deposit: c->facts->drep_deposits += n.above; return OU_OK;
    case ROLE_reward_network:
        genesis_place_note(&c->facts->rewards[n.above != 0], v->line, v->column);
        return OU_OK;
    case ROLE_delegation: return note_delegation(c, v);
    case ROLE_vote_delegation: return note_vote_delegation(c, v);
    case ROLE_committee_member: return OU_OK;
    default: note_number(c, f->role, n, v->line, v->column); return OU_OK;
    }
}

/* Of an entry that begins: its name is as the table says. */
static enum ou_status note_entry(struct file_check *c, const struct genesis_field *f,
                                 const struct walk_value *v)
{
    uint8_t id[GENESIS_CREDENTIAL_BYTES];
    struct genesis_references *r = f->role == ROLE_pool ? &c->facts->pools : &c->facts->dreps;

    c->facts->entries[f->role]++;
    if (f->role != ROLE_pool && f->role != ROLE_drep)
        return OU_OK;
    if (f->role == ROLE_pool ? !genesis_hex(v->name, KEY_HASH_BYTES, id)
                             : !genesis_credential(v->name, id))
        return OU_OK;
    return genesis_reference_there(r, id) ? fail_without_memory(c) : OU_OK;
}

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
    const size_t path_len = path_of(c, v);
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
    return genesis_walk_skip(&c->walk, NULL, c->err);
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
    return v->kind == WALK_NULL ? OU_OK : note_value(c, f, v, n);
}

static enum ou_status skip(struct file_check *c, const struct walk_value *v)
{
    return is_container(v) ? genesis_walk_skip(&c->walk, NULL, c->err) : OU_OK;
}

/* ---- members ---- */

static bool is_seen(const struct frame *frame, const struct genesis_field *f)
{
    return frame->seen[f->number / 64] >> f->number % 64 & 1;
}

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

/* What is to be said of how a member is called. */
static void check_spelling(struct file_check *c, const struct genesis_field *f,
                           const struct walk_value *v)
{
    struct frame *frame = top(c);

    if (f->need == NEED_OLDER) {
        frame->older_form |= !f->instead_of;
        c->older_spelling |= f->instead_of != NULL;
        if (f->instead_of)
            TELL(c, GENESIS_REMARK, f, v, "is how nodes %s call %s", f->nodes, f->instead_of->name);
        else
            TELL(c, GENESIS_REMARK, f, v, "is a member for nodes %s only", f->nodes);
    }
    for (const struct genesis_field *s = frame->field->children; s; s = s->next) {
        const bool same =
            (f->instead_of && (s == f->instead_of || s->instead_of == f->instead_of)) ||
            s->instead_of == f;

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
    if (f->instead_of || f->need == NEED_OLDER)
        check_spelling(c, f, v);
    return visit(c, f, v);
}

static enum ou_status visit_entry(struct file_check *c, const struct walk_value *v)
{
    const struct genesis_field *f = top(c)->field->children;
    char reason[GENESIS_REASON_ROOM];
    enum ou_status status = note_name(c, v);

    if (status)
        return status;
    if (genesis_key_check(f, v->name, reason))
        status = note_entry(c, f, v);
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

/* ---- containers that end ---- */

/* Some spelling of it was there. */
static bool is_given(const struct frame *frame, const struct genesis_field *f)
{
    if (is_seen(frame, f))
        return true;
    for (const struct genesis_field *s = frame->field->children; s; s = s->next)
        if (s->instead_of == f && is_seen(frame, s))
            return true;
    return false;
}

static void check_missing(struct file_check *c)
{
    const struct frame *frame = top(c);
    char reason[GENESIS_REASON_ROOM];

    if (c->depth == 1 && frame->older_form)
        return; /* the file of nodes that knew nothing else */
    for (const struct genesis_field *f = frame->field->children; f; f = f->next) {
        if ((f->need != NEED_REQUIRED && f->need != NEED_SINCE) || is_given(frame, f))
            continue;
        if (f->need == NEED_SINCE)
            snprintf(reason, sizeof reason, "is missing: nodes since %s refuse the file without it",
                     f->nodes);
        else
            snprintf(reason, sizeof reason, "is missing");
        tell_of_top(c, f->need == NEED_SINCE && c->older_spelling ? GENESIS_REMARK : GENESIS_FAULT,
                    "missing", f->name, reason);
    }
}

static void check_fraction(struct file_check *c)
{
    const struct frame *frame = top(c);
    char reason[GENESIS_REASON_ROOM], shown[64];
    struct genesis_number n;

    if (frame->seen[0] != 3) {
        tell_of_top(c, GENESIS_FAULT, "fraction", NULL, "must have a numerator and a denominator");
        return;
    }
    if (!genesis_fraction(frame->above.above, frame->below.above, &n)) {
        tell_of_top(c, GENESIS_FAULT, "zero", NULL, "has 0 as its denominator");
        return;
    }
    snprintf(shown, sizeof shown, "%s%" PRIu64 "/%" PRIu64, n.above < 0 ? "-" : "",
             (uint64_t)(n.above < 0 ? -n.above : n.above), n.below);
    if (!genesis_value_in_range(frame->field, n, span_of(shown), reason))
        tell_of_top(c, GENESIS_FAULT, frame->field, NULL, reason);
    else if (frame->field->role != ROLE_NONE)
        note_number(c, frame->field->role, n, frame->line, frame->column);
}

/* The range is "166", or "166+ 332 350": the first is the least there may be, with a + more are taken, and these are
 * known. */
static void check_count(struct file_check *c)
{
    const struct frame *frame = top(c);
    const char *word = frame->field->range;
    char *end;
    const uint64_t least = strtoull(word, &end, 10);
    char reason[GENESIS_REASON_ROOM];
    bool known = frame->count == least;

    if (frame->count < least || (*end != '+' && frame->count > least)) {
        snprintf(reason, sizeof reason, "must have %s%" PRIu64 " numbers, and has %" PRIu64,
                 *end == '+' ? "at least " : "", least, frame->count);
        tell_of_top(c, GENESIS_FAULT, frame->field, NULL, reason);
        return;
    }
    while (*end && !known) {
        word = end + 1;
        known = (uint64_t)strtoull(word, &end, 10) == frame->count;
        if (end == word)
            break;
    }
    if (known)
        return;
    snprintf(reason, sizeof reason, "has %" PRIu64 " numbers; usual are %s", frame->count,
             frame->field->range);
    tell_of_top(c, GENESIS_REMARK, frame->field, NULL, reason);
}

static void check_end(struct file_check *c)
{
    const struct frame *frame = top(c);

    if (frame->kind == FRAME_OBJECT)
        check_missing(c);
    else if (frame->kind == FRAME_FRACTION)
        check_fraction(c);
    else if (frame->field->type == TYPE_COST_MODEL)
        check_count(c);
}

/* ---- the file ---- */

static enum ou_status visit_document(struct file_check *c, const struct genesis_field *root)
{
    struct walk_value v;
    enum ou_status status;

    for (;;) {
        status = genesis_walk_next(&c->walk, &v, c->err);
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
    enum ou_status status = genesis_walk_open(&c.walk, path, err);

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
    genesis_walk_close(&c.walk);
    return status;
}
