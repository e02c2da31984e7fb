/* What a container of a genesis file lacks is known when it ends. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "genesis/check_inside.h"

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

/* A member that only some kinds of delegations have, or nonces. */
static bool is_wanted(const struct frame *frame, const struct genesis_field *f)
{
    return (f->role == ROLE_vote_delegation && frame->wants_drep) ||
           (f->role == ROLE_vote_pool && frame->wants_pool) ||
           (f->role == ROLE_entropy && frame->wants_entropy);
}

static void check_missing(struct file_check *c)
{
    const struct frame *frame = top(c);
    char reason[GENESIS_REASON_ROOM];

    if (c->depth == 1 && frame->older_form)
        return; /* the file of nodes that knew nothing else */
    for (const struct genesis_field *f = frame->field->children; f; f = f->next) {
        if (is_given(frame, f) ||
            (f->need != NEED_REQUIRED && f->need != NEED_SINCE && !is_wanted(frame, f)))
            continue;
        if (f->need == NEED_SINCE)
            snprintf(reason, sizeof reason, "is missing: nodes since %s refuse the file without it",
                     f->nodes);
        else
            snprintf(reason, sizeof reason, "is missing");
        check_tell_of_top(
            c, f->need == NEED_SINCE && c->older_spelling ? GENESIS_REMARK : GENESIS_FAULT,
            "missing", f->name, reason);
    }
}

static void check_fraction(struct file_check *c)
{
    const struct frame *frame = top(c);
    char reason[GENESIS_REASON_ROOM], shown[64];
    struct genesis_number n;

    if (frame->seen[0] != 3) {
        check_tell_of_top(c, GENESIS_FAULT, "fraction", NULL,
                          "must have a numerator and a denominator");
        return;
    }
    if (!genesis_fraction(frame->above.above, frame->below.above, &n)) {
        check_tell_of_top(c, GENESIS_FAULT, "zero", NULL, "has 0 as its denominator");
        return;
    }
    snprintf(shown, sizeof shown, "%s%" PRIu64 "/%" PRIu64, n.above < 0 ? "-" : "",
             (uint64_t)(n.above < 0 ? -n.above : n.above), n.below);
    if (!genesis_value_in_range(frame->field, n, span_of(shown), reason))
        check_tell_of_top(c, GENESIS_FAULT, frame->field, NULL, reason);
    else if (frame->field->role != ROLE_NONE)
        check_note_number(c, frame->field->role, n, frame->line, frame->column);
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
        check_tell_of_top(c, GENESIS_FAULT, frame->field, NULL, reason);
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
    check_tell_of_top(c, GENESIS_REMARK, frame->field, NULL, reason);
}

void check_end(struct file_check *c)
{
    const struct frame *frame = top(c);

    if (frame->kind == FRAME_OBJECT)
        check_missing(c);
    else if (frame->kind == FRAME_FRACTION)
        check_fraction(c);
    else if (frame->field->type == TYPE_COST_MODEL)
        check_count(c);
}
