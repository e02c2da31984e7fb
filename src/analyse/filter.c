#include "analyse/filter.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "json/tree.h"
#include "json/write.h"

/* Far above what 256 conditions with 256 alternatives each need. */
#define FILTER_MEMORY_BYTES ((size_t)32 << 20)
#define FILTER_FILE_BYTES ((size_t)1 << 20)
#define FILTER_NAME_BYTES ((size_t)32 << 10)

/* The greatest whole number that a double holds exactly with all below it. */
#define FILTER_WHOLE_MAX 9007199254740992.0

/* ---- the language: one row per condition ---- */

enum filter_value { VALUE_NONE, VALUE_FRACTION, VALUE_WHOLE };

#define FILTER_OPS(X)                                      \
    X(UNITARY, "BUnitaryChainDelta", false, VALUE_NONE)    \
    X(FULLNESS_GEQ, "BFullnessGEq", false, VALUE_FRACTION) \
    X(FULLNESS_LEQ, "BFullnessLEq", false, VALUE_FRACTION) \
    X(SIZE_GEQ, "BSizeGEq", false, VALUE_WHOLE)            \
    X(SIZE_LEQ, "BSizeLEq", false, VALUE_WHOLE)            \
    X(ADOPTIONS, "BMinimumAdoptions", false, VALUE_WHOLE)  \
    X(NONNEGATIVES, "BNonNegatives", false, VALUE_NONE)    \
    X(SLOT_GEQ, "SlotGEq", true, VALUE_WHOLE)              \
    X(SLOT_LEQ, "SlotLEq", true, VALUE_WHOLE)              \
    X(EPOCH_GEQ, "EpochGEq", true, VALUE_WHOLE)            \
    X(EPOCH_LEQ, "EpochLEq", true, VALUE_WHOLE)            \
    X(SAFE_INT_GEQ, "EpochSafeIntGEq", true, VALUE_WHOLE)  \
    X(SAFE_INT_LEQ, "EpochSafeIntLEq", true, VALUE_WHOLE)  \
    X(EPOCH_SLOT_GEQ, "EpSlotGEq", true, VALUE_WHOLE)      \
    X(EPOCH_SLOT_LEQ, "EpSlotLEq", true, VALUE_WHOLE)      \
    X(HAS_LEADERS, "SlotHasLeaders", true, VALUE_NONE)

enum filter_op {
#define X(id, name, slot, value) OP_##id,
    FILTER_OPS(X)
#undef X
        OP_COUNT,
    OP_ANY = OP_COUNT, /* CAny has no row: it is a condition of its own kind */
};

static const struct filter_op_info {
    const char *name;
    bool of_slot; /* tag CSlot, else CBlock */
    enum filter_value value;
} op_infos[OP_COUNT] = {
#define X(id, name, slot, value) [OP_##id] = { name, slot, value },
    FILTER_OPS(X)
#undef X
};

/* ---- the shipped filters ---- */

#define CONDITION(kind, name, value) \
    "{\"tag\":\"" kind "\",\"contents\":{\"tag\":\"" name "\"" value "}}"
#define BLOCK(name) CONDITION("CBlock", name, "")
#define BLOCK_IS(name, value) CONDITION("CBlock", name, ",\"contents\":" #value)
#define SLOT_IS(name, value) CONDITION("CSlot", name, ",\"contents\":" #value)
#define ANY(conditions) "{\"tag\":\"CAny\",\"contents\":[" conditions "]}"

/* clang-format off */
const struct shipped_filter shipped_filters[] = {
    { "unitary", "timings of single-block adoptions: the default",
      "[" BLOCK("BUnitaryChainDelta") "]", NULL },
    { "adopt-10", "blocks adopted by ten observers at least",
      "[" BLOCK_IS("BMinimumAdoptions", 10) "]", NULL },
    { "epoch3+", "leave out the first two epochs (they count from 0)",
      "[" SLOT_IS("EpochGEq", 2) "]", NULL },
    { "epoch4+", "leave out the first three epochs",
      "[" SLOT_IS("EpochGEq", 3) "]", NULL },
    { "epoch5+", "leave out the first four epochs",
      "[" SLOT_IS("EpochGEq", 4) "]", NULL },
    { "fromslot-20k", "leave out the first 20000 slots",
      "[" SLOT_IS("SlotGEq", 20000) "]", NULL },
    { "model", "the model cluster of 52 hosts: its first 56000 slots",
      "[" SLOT_IS("SlotLEq", 56000) ","
          BLOCK_IS("BMinimumAdoptions", 50) ","
          BLOCK("BUnitaryChainDelta") "]", NULL },
    { "no-ebnd", "leave out the beginnings of epochs",
      "[" SLOT_IS("EpSlotGEq", 200) "]", NULL },
    { "rewards", "only the time of reward calculation in each epoch",
      "[" SLOT_IS("EpochSafeIntGEq", 4) "," SLOT_IS("EpochSafeIntLEq", 7) "]", NULL },
    { "no-rewards", "only the time outside of reward calculation",
      "[" ANY(SLOT_IS("EpochSafeIntLEq", 3) "," SLOT_IS("EpochSafeIntGEq", 8)) "]",
      "[" SLOT_IS("EpochSafeIntLEq", 3) "," SLOT_IS("EpochSafeIntGEq", 8) "]" },
    { "nonnegative", "blocks none of whose intervals is below zero",
      "[" BLOCK("BNonNegatives") "]", NULL },
    { "size-full", "full blocks: above 90 % of the greatest body size",
      "[" BLOCK_IS("BFullnessGEq", 0.9) "]", NULL },
    { "size-moderate", "the blocks of script workloads: 8 % to 11.2 % full",
      "[" BLOCK_IS("BFullnessGEq", 0.08) "," BLOCK_IS("BFullnessLEq", 0.112) "]", NULL },
    { "size-moderate-2", "the blocks of script workloads: 7.6 % to 10.5 % full",
      "[" BLOCK_IS("BFullnessGEq", 0.076) "," BLOCK_IS("BFullnessLEq", 0.105) "]", NULL },
    { "size-small", "small blocks: 3 % to 10 % full",
      "[" BLOCK_IS("BFullnessGEq", 0.03) "," BLOCK_IS("BFullnessLEq", 0.1) "]", NULL },
    { NULL, NULL, NULL, NULL },
};
/* clang-format on */

/* ---- the set ---- */

void filter_set_init(struct filter_set *set, uint64_t max_block_body_bytes, bool compat)
{
    arena_init(&set->memory, allocator_libc(), FILTER_MEMORY_BYTES);
    set->count = 0;
    set->compat = compat;
    set->max_block_body_bytes = max_block_body_bytes;
}

void filter_set_release(struct filter_set *set)
{
    arena_release(&set->memory);
    set->count = 0;
}

/* A reading of one text: where its messages point to. */
struct reading {
    struct filter_set *set;
    const char *from;   /* for messages */
    struct span source; /* the same in the arena */
    char where[64];     /* "condition 3", "condition 3, alternative 1" */
    struct ou_error *err;
};

static enum ou_status no_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "filters: no memory");
}

static enum ou_status keep_text(struct filter_set *set, const char *text, size_t len,
                                struct span *ret, struct ou_error *err)
{
    const char *copy = arena_copy(&set->memory, text, len);

    if (!copy)
        return no_memory(err);
    *ret = (struct span){ copy, len };
    return OU_OK;
}

/* "BFullnessGEq 0.9" */
static enum ou_status name_condition(struct filter_set *set, struct filter_condition *c,
                                     struct ou_error *err)
{
    char text[64 + JSON_DOUBLE_ROOM];
    size_t len = strlen(op_infos[c->op].name);

    memcpy(text, op_infos[c->op].name, len);
    if (op_infos[c->op].value != VALUE_NONE) {
        text[len++] = ' ';
        len += json_format_double(c->number, text + len);
    }
    return keep_text(set, text, len, &c->name, err);
}

/* "CAny [EpochSafeIntLEq 3, EpochSafeIntGEq 8]" */
static enum ou_status name_any(struct filter_set *set, struct filter_condition *c,
                               struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), FILTER_NAME_BYTES);
    buffer_text(&text, "CAny [");
    for (size_t i = 0; i < c->any_count; i++) {
        buffer_text(&text, i ? ", " : "");
        buffer_append(&text, c->any[i].name.at, c->any[i].name.len);
    }
    buffer_char(&text, ']');
    status =
        buffer_status(&text) ? no_memory(err) : keep_text(set, text.at, text.len, &c->name, err);
    buffer_release(&text);
    return status;
}

/* ---- reading conditions ---- */

static enum ou_status fail_unknown_name(struct reading *r, const char *name)
{
    struct suggestion near;

    suggest_for(&near, span_of(name));
    for (int op = 0; op < OP_COUNT; op++)
        suggest_consider(&near, op_infos[op].name);
    return ou_fail(r->err, OU_INVALID, "%s: %s: unknown filter name %.64s%s%s%s", r->from, r->where,
                   name, near.best ? "; did you mean " : "", near.best ? near.best : "",
                   near.best ? "?" : "");
}

static enum ou_status read_op(struct reading *r, bool of_slot, const char *name, int *ret)
{
    for (int op = 0; op < OP_COUNT; op++) {
        if (strcmp(name, op_infos[op].name) != 0)
            continue;
        if (op_infos[op].of_slot != of_slot)
            return ou_fail(r->err, OU_INVALID, "%s: %s: %s belongs into a %s, not a %s", r->from,
                           r->where, name, of_slot ? "CBlock" : "CSlot",
                           of_slot ? "CSlot" : "CBlock");
        *ret = op;
        return OU_OK;
    }
    return fail_unknown_name(r, name);
}

static enum ou_status read_value(struct reading *r, enum filter_op op, const json_t *contents,
                                 double *ret)
{
    enum filter_value kind = op_infos[op].value;
    double number = json_number_value(contents);

    if (kind == VALUE_NONE)
        return OU_OK; /* whatever is there says nothing */
    if (!json_is_number(contents) || !(number >= 0 && number <= FILTER_WHOLE_MAX) ||
        (kind == VALUE_WHOLE && number != floor(number)))
        return ou_fail(r->err, OU_INVALID, "%s: %s: %s takes a %s, 0 or more, as its \"contents\"",
                       r->from, r->where, op_infos[op].name,
                       kind == VALUE_WHOLE ? "whole number" : "fraction like 0.9");
    *ret = number;
    return OU_OK;
}

/* {"tag":NAME,"contents":VALUE}, the inner part of a CBlock or CSlot. */
static enum ou_status read_simple(struct reading *r, bool of_slot, const json_t *inner,
                                  struct filter_condition *ret)
{
    const char *name = json_string_value(json_object_get(inner, "tag"));
    struct filter_condition c = { .set = r->source, .for_slots = of_slot };
    enum ou_status status;

    if (!name)
        return ou_fail(r->err, OU_INVALID,
                       "%s: %s: \"contents\" must be {\"tag\":NAME,\"contents\":VALUE}", r->from,
                       r->where);
    status = read_op(r, of_slot, name, &c.op);
    if (!status)
        status = read_value(r, (enum filter_op)c.op, json_object_get(inner, "contents"), &c.number);
    if (!status)
        status = name_condition(r->set, &c, r->err);
    if (!status)
        *ret = c;
    return status;
}

static enum ou_status read_condition(struct reading *r, const json_t *tree, bool in_any,
                                     struct filter_condition *ret);

static enum ou_status read_alternatives(struct reading *r, const json_t *list,
                                        struct filter_condition *any)
{
    size_t outer = strlen(r->where);

    any->for_slots = true;
    for (size_t i = 0; i < any->any_count; i++) {
        enum ou_status status;

        snprintf(r->where + outer, sizeof r->where - outer, ", alternative %zu", i + 1);
        status = read_condition(r, json_array_get(list, i), true, &any->any[i]);
        if (status)
            return status;
        any->for_slots = any->for_slots && any->any[i].for_slots;
    }
    r->where[outer] = '\0';
    return OU_OK;
}

static enum ou_status read_any(struct reading *r, const json_t *list, struct filter_condition *ret)
{
    struct filter_condition c = { .set = r->source, .op = OP_ANY };
    enum ou_status status;

    c.any_count = json_array_size(list);
    if (c.any_count == 0 || c.any_count > FILTER_CONDITIONS_MAX)
        return ou_fail(r->err, OU_INVALID,
                       "%s: %s: the \"contents\" of CAny must be a list of 1 to %d conditions",
                       r->from, r->where, FILTER_CONDITIONS_MAX);
    c.any =
        arena_take(&r->set->memory, c.any_count * sizeof *c.any, _Alignof(struct filter_condition));
    if (!c.any)
        return no_memory(r->err);
    status = read_alternatives(r, list, &c);
    if (!status)
        status = name_any(r->set, &c, r->err);
    if (!status)
        *ret = c;
    return status;
}

static enum ou_status read_condition(struct reading *r, const json_t *tree, bool in_any,
                                     struct filter_condition *ret)
{
    const char *tag = json_string_value(json_object_get(tree, "tag"));
    const json_t *contents = json_object_get(tree, "contents");

    if (tag && strcmp(tag, "CBlock") == 0)
        return read_simple(r, false, contents, ret);
    if (tag && strcmp(tag, "CSlot") == 0)
        return read_simple(r, true, contents, ret);
    if (tag && strcmp(tag, "CAny") == 0 && !in_any)
        return read_any(r, contents, ret);
    return ou_fail(r->err, OU_INVALID,
                   in_any ? "%s: %s: must be an object whose \"tag\" is CBlock or CSlot"
                          : "%s: %s: must be an object whose \"tag\" is CBlock, CSlot or CAny",
                   r->from, r->where);
}

static enum ou_status read_conditions(struct reading *r, const json_t *list)
{
    struct filter_set *set = r->set;
    size_t n = json_array_size(list);

    if (!json_is_array(list))
        return ou_fail(r->err, OU_INVALID, "%s: a filter is a JSON list of conditions", r->from);
    if (n > FILTER_CONDITIONS_MAX - set->count)
        return ou_fail(r->err, OU_TOO_LARGE, "%s: more than %d conditions together", r->from,
                       FILTER_CONDITIONS_MAX);
    for (size_t i = 0; i < n; i++) {
        enum ou_status status;

        snprintf(r->where, sizeof r->where, "condition %zu", i + 1);
        status =
            read_condition(r, json_array_get(list, i), false, &set->conditions[set->count + i]);
        if (status)
            return status;
    }
    set->count += n;
    return OU_OK;
}

static enum ou_status add_tree(struct filter_set *set, const json_t *list, const char *from,
                               struct ou_error *err)
{
    struct reading r = { .set = set, .from = from, .err = err };
    enum ou_status status = keep_text(set, from, strlen(from), &r.source, err);

    return status ? status : read_conditions(&r, list);
}

enum ou_status filter_add_text(struct filter_set *set, struct span text, const char *from,
                               struct ou_error *err)
{
    json_t *list;
    enum ou_status status;

    if (text.len > FILTER_FILE_BYTES)
        return ou_fail(err, OU_TOO_LARGE, "%s: a filter above %zu bytes", from, FILTER_FILE_BYTES);
    status = json_tree_parse(text, from, &list, err);
    if (status)
        return status;
    status = add_tree(set, list, from, err);
    json_decref(list);
    return status;
}

enum ou_status filter_add_file(struct filter_set *set, const char *path, struct ou_error *err)
{
    json_t *list;
    enum ou_status status = json_tree_load(path, FILTER_FILE_BYTES, &list, err);

    if (status)
        return status;
    status = add_tree(set, list, path, err);
    json_decref(list);
    return status;
}

static enum ou_status fail_not_shipped(const char *name, struct ou_error *err)
{
    struct buffer names;
    enum ou_status status;

    buffer_init(&names, allocator_libc(), sizeof err->text);
    for (const struct shipped_filter *f = shipped_filters; f->name; f++)
        buffer_printf(&names, "%s%s", names.len ? ", " : "", f->name);
    status = ou_fail(err, OU_NOT_FOUND, "no filter is called \"%.64s\"; there are: %s", name,
                     buffer_string(&names));
    buffer_release(&names);
    return status;
}

enum ou_status filter_add_shipped(struct filter_set *set, const char *name, struct ou_error *err)
{
    for (const struct shipped_filter *f = shipped_filters; f->name; f++)
        if (strcmp(name, f->name) == 0) {
            const char *text = set->compat && f->compat_text ? f->compat_text : f->text;

            return filter_add_text(set, span_of(text), name, err);
        }
    return fail_not_shipped(name, err);
}

enum ou_status filter_add_minimum_adoptions(struct filter_set *set, uint32_t n,
                                            struct ou_error *err)
{
    char text[128];

    snprintf(text, sizeof text,
             "[" CONDITION("CBlock", "BMinimumAdoptions", ",\"contents\":%" PRIu32) "]", n);
    return filter_add_text(set, span_of(text), "minimum adoptions", err);
}

/* ---- asking ---- */

static enum filter_answer answer(bool holds)
{
    return holds ? FILTER_YES : FILTER_NO;
}

/* Both comparisons are strict, whatever the names say: published results were
 * filtered so. */
static bool fullness_holds(const struct filter_set *set, const struct filter_condition *c,
                           int64_t size_bytes)
{
    double bound = floor((double)set->max_block_body_bytes * c->number);

    return c->op == OP_FULLNESS_GEQ ? (double)size_bytes > bound : (double)size_bytes < bound;
}

static enum filter_answer unknown(const struct filter_set *set)
{
    return set->compat ? FILTER_NO : FILTER_UNKNOWN;
}

static enum filter_answer block_op(const struct filter_set *set, const struct filter_condition *c,
                                   const struct filter_block *b)
{
    switch ((enum filter_op)c->op) {
    case OP_UNITARY: return b->chain_delta < 0 ? unknown(set) : answer(b->chain_delta == 1);
    case OP_FULLNESS_GEQ:
    case OP_FULLNESS_LEQ:
        return b->size_bytes < 0 ? unknown(set) : answer(fullness_holds(set, c, b->size_bytes));
    case OP_SIZE_GEQ:
        return b->size_bytes < 0 ? unknown(set) : answer((double)b->size_bytes >= c->number);
    case OP_SIZE_LEQ:
        return b->size_bytes < 0 ? unknown(set) : answer((double)b->size_bytes <= c->number);
    case OP_ADOPTIONS: return answer(b->adoptions >= c->number);
    case OP_NONNEGATIVES: return answer(set->compat ? !b->any_nonnegative : !b->any_negative);
    default: return FILTER_YES; /* not reached: slot conditions go to slot_op() */
    }
}

static enum filter_answer slot_op(const struct filter_condition *c, const struct filter_slot *s)
{
    switch ((enum filter_op)c->op) {
    case OP_SLOT_GEQ: return answer((double)s->slot >= c->number);
    case OP_SLOT_LEQ: return answer((double)s->slot <= c->number);
    case OP_EPOCH_GEQ: return answer((double)s->epoch >= c->number);
    case OP_EPOCH_LEQ: return answer((double)s->epoch <= c->number);
    case OP_SAFE_INT_GEQ: return answer((double)s->safe_interval >= c->number);
    case OP_SAFE_INT_LEQ: return answer((double)s->safe_interval <= c->number);
    case OP_EPOCH_SLOT_GEQ: return answer((double)s->slot_in_epoch >= c->number);
    case OP_EPOCH_SLOT_LEQ: return answer((double)s->slot_in_epoch <= c->number);
    case OP_HAS_LEADERS: return answer(s->leads > 0);
    default: return FILTER_YES; /* not reached: block conditions are not asked of slots */
    }
}

/* The better of two answers, for CAny: one "yes" is enough, and "unknown" might
 * have been one. */
static enum filter_answer either(enum filter_answer a, enum filter_answer b)
{
    if (a == FILTER_YES || b == FILTER_YES)
        return FILTER_YES;
    return a == FILTER_UNKNOWN || b == FILTER_UNKNOWN ? FILTER_UNKNOWN : FILTER_NO;
}

enum filter_answer filter_block(const struct filter_set *set, const struct filter_condition *c,
                                const struct filter_block *block)
{
    /* The slot of a block had a leader, of course. */
    struct filter_slot slot = { block->slot, block->epoch, block->slot_in_epoch,
                                block->safe_interval, 1 };
    enum filter_answer any = FILTER_NO;

    if (c->op != OP_ANY && op_infos[c->op].of_slot)
        return block->slot_unknown && c->op != OP_HAS_LEADERS ? unknown(set) : slot_op(c, &slot);
    if (c->op != OP_ANY)
        return block_op(set, c, block);
    for (size_t i = 0; i < c->any_count; i++)
        any = either(any, filter_block(set, &c->any[i], block));
    return any;
}

enum filter_answer filter_slot(const struct filter_set *set, const struct filter_condition *c,
                               const struct filter_slot *slot)
{
    enum filter_answer any = FILTER_NO;

    if (!c->for_slots)
        return FILTER_YES;
    if (c->op != OP_ANY)
        return slot_op(c, slot);
    for (size_t i = 0; i < c->any_count; i++)
        any = either(any, filter_slot(set, &c->any[i], slot));
    return any;
}
