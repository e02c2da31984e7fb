/* What to know before the numbers of a comparison are trusted. */
#include "report/comparison_document.h"
#include "stats/multiplicity.h"
#include "stats/serial.h"

enum { RUNS_FOR_RANKS = 4, NAMES_TOLD = 6 };

static const double level = .05, steady_level = .01;

static void tell_differences(const struct comparison *c, struct document *d)
{
    for (size_t i = 0; i < c->difference_count; i++) {
        const struct fact_difference *f = &c->differences[i];

        document_notice(d, TONE_BAD, "These runs differ in %s%s%s: %s in %s, %s in %s.", f->group,
                        f->name[0] ? " " : "", f->name, f->value_a ? f->value_a : "none", f->run_a,
                        f->value_b ? f->value_b : "none", f->run_b);
    }
    if (c->unchecked)
        document_notice(d, TONE_UNSURE,
                        "%zu groups of facts that should agree (profile, genesis, filters and the "
                        "like) are not told by a source, and were not checked.",
                        c->unchecked);
}

static void tell_numbers(const struct side_comparison *side, struct document *d)
{
    size_t a = side->base->count, b = side->variant->count, least = a < b ? a : b;

    if (side->basis == BASIS_HISTORY)
        document_notice(
            d, TONE_UNSURE,
            "One run a side: how much runs differ is what %zu earlier runs deviate from "
            "the levels of each metric%s.",
            side->history_runs,
            side->history_repeated
                ? document_text(d, " (%zu that %s given twice left out)", side->history_repeated,
                                side->history_repeated == 1 ? "was" : "were")
                : "");
    else if (side->history_runs && a == 1 && b == 1)
        document_notice(
            d, TONE_UNSURE,
            "One run a side: the %zu earlier runs of the history are too few to tell how "
            "much runs differ, and nothing is judged. Three more than there are levels "
            "would do.",
            side->history_runs);
    else if (a == 1 && b == 1)
        document_notice(d, TONE_UNSURE,
                        "One run a side: run-to-run variation is unknown. Intervals are of blocks "
                        "and hosts within the runs, and nothing is judged by them.");
    else if (least == 1)
        document_notice(d, TONE_UNSURE,
                        "One side has one run: the other side's deviation stands for both.");
    else if (least < RUNS_FOR_RANKS)
        document_notice(d, TONE_UNSURE,
                        "%zu runs a side: Student's t is all that judges them. Tests of ranks, "
                        "which assume less, need at least %d runs a side.",
                        least, RUNS_FOR_RANKS);
}

static void tell_design(const struct side_comparison *side, struct document *d)
{
    if (side->basis == BASIS_PAIRS)
        document_notice(d, TONE_GOOD,
                        "The runs of %s and %s took turns, and are compared pair by pair: slow "
                        "changes of the machines cancel.",
                        side->base->label, side->variant->label);
    else if (side->interleaved && side->few_pairs)
        document_notice(
            d, TONE_PLAIN,
            "The runs took turns, but are compared as two groups: of fewer than %d pairs, "
            "the degrees of freedom that pairing costs weigh more than the drift that it "
            "takes away. --paired pairs them all the same.",
            PAIRS_LEAST);
    else if (side->interleaved)
        document_notice(d, TONE_PLAIN,
                        "The runs took turns; they were compared unpaired on request.");
    else if (side->apart && side->base->count > 1 && side->variant->count > 1)
        document_notice(d, TONE_UNSURE,
                        "All runs of one side were made before those of the other: a machine that "
                        "became slower meanwhile looks like a change. Let the runs take turns.");
}

/* Metrics that drift over the order of runs beside what the sides differ. */
static void tell_order(const struct side_comparison *side, struct document *d)
{
    double *p = arena_take(&d->memory, side->metric_count * sizeof(*p) + 1, _Alignof(double));
    const char *names = "";
    size_t told = 0;

    if (!p)
        return;
    for (size_t i = 0; i < side->metric_count; i++)
        p[i] = side->metrics[i].order.p;
    adjust_benjamini_hochberg(p, side->metric_count, p);
    for (size_t i = 0; i < side->metric_count; i++) {
        if (!(p[i] < level))
            continue;
        if (told++ < NAMES_TOLD)
            names = document_text(d, "%s%s%s", names, told > 1 ? ", " : "",
                                  side->metrics[i].info->name);
    }
    if (told)
        document_notice(d, TONE_UNSURE,
                        "%zu metric%s over the order of the runs (%s%s): something beside the "
                        "versions has changed.",
                        told, told == 1 ? " drifts" : "s drift", names,
                        told > NAMES_TOLD ? ", ..." : "");
}

static bool is_unsteady(const struct finished_run *run)
{
    const struct run_value *v = run_value_find(run, SECTION_ENDTOEND, "cdf0.96");
    double *values;
    size_t n = 0;
    bool unsteady;

    if (!v || !v->blocks || run->block_count == 0)
        return false;
    values = alloc_zeroed(allocator_libc(), run->block_count * sizeof(*values));
    if (!values)
        return false;
    for (size_t i = 0; i < run->block_count; i++)
        if (isfinite(v->blocks[i]))
            values[n++] = v->blocks[i];
    struct steadiness s = steadiness_of(values, n, steady_level);

    unsteady = s.enough && !s.steady;
    alloc_free(allocator_libc(), values, run->block_count * sizeof(*values));
    return unsteady;
}

static void tell_runs(const struct run_set *set, struct document *d)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct finished_run *run = &set->runs[i];

        if (run->errors)
            document_notice(d, TONE_BAD, "The data of %s has %zu errors: %s", run->title,
                            run->errors, run->finding_texts ? run->finding_texts[0] : "");
        if (is_unsteady(run))
            document_notice(d, TONE_UNSURE,
                            "%s is not steady: the adoption of its blocks drifts from its "
                            "beginning to its end.",
                            run->title);
    }
}

void add_comparison_notices(const struct comparison *c, struct document *d)
{
    tell_differences(c, d);
    for (size_t i = 0; i < c->side_count; i++) {
        tell_numbers(&c->sides[i], d);
        tell_design(&c->sides[i], d);
        tell_order(&c->sides[i], d);
    }
    tell_runs(c->sides[0].base, d);
    for (size_t i = 0; i < c->side_count; i++)
        tell_runs(c->sides[i].variant, d);
}
