/* Why a metric is judged as it is, in one sentence. */
#include <string.h>

#include "base/buffer.h"
#include "study/comparison_inside.h"

enum { SENTENCE_MAX = 1 << 10, RUNS_FOR_RANKS = 4 };

static const double level = .05;

static void say_basis(const struct metric_comparison *m, struct buffer *out)
{
    switch (m->basis) {
    case BASIS_RUNS: buffer_printf(out, "%zu runs against %zu", m->base_n, m->new_n); break;
    case BASIS_PAIRS: buffer_printf(out, "%zu pairs of runs that took turns", m->base_n); break;
    case BASIS_ONE_SIDE:
        buffer_printf(out, "%zu runs against %zu; the deviation of the several stands for both",
                      m->base_n, m->new_n);
        break;
    case BASIS_HISTORY:
        buffer_printf(out,
                      "%s, held against the deviation around %zu level%s of %zu earlier "
                      "runs (%.0f degrees of freedom)",
                      m->base_n == 1 && m->new_n == 1 ? "one run a side" : "one run on one side",
                      m->history_levels, m->history_levels == 1 ? "" : "s", m->history_runs,
                      m->dof);
        break;
    case BASIS_COUNTS:
        buffer_printf(out, "counts of %zu and %zu runs, exact Poisson comparison", m->base_n,
                      m->new_n);
        break;
    case BASIS_NONE:
    case BASIS_WITHIN_RUN: break;
    }
    if (m->dispersed)
        buffer_text(out, "; the counts vary more from run to run than chance lets them, so that "
                         "the rates of the runs are compared");
}

static const char *why_not(const struct metric_comparison *m)
{
    if (m->margin->method == COMPARE_NOTHING)
        return m->margin->reason;
    if (m->base_n == 0)
        return "not measured in the base";
    if (m->new_n == 0)
        return "not measured in the new runs";
    return m->basis == BASIS_WITHIN_RUN
               ? "one run a side: run-to-run variation is unknown, and the interval within the "
                 "runs says nothing about other runs"
               : "one run a side: run-to-run variation is unknown";
}

static void say_inconclusive(const struct side_comparison *side, const struct metric_comparison *m,
                             struct buffer *out)
{
    if (m->p < level)
        buffer_printf(out,
                      "; alone it would be a difference (p %.2g), among %zu tests it may be "
                      "chance",
                      m->p, side->tests);
    if (isfinite(m->runs_needed))
        buffer_printf(out, "; about %.0f %s would decide", m->runs_needed,
                      m->basis == BASIS_PAIRS ? "pairs" : "runs a side");
}

/* What ranks can say beside t. */
static void say_ranks(const struct metric_comparison *m, struct buffer *out)
{
    size_t least = m->base_n < m->new_n ? m->base_n : m->new_n;

    if (m->basis == BASIS_RUNS && least < RUNS_FOR_RANKS && m->smallest_p > level)
        buffer_printf(out, "; ranks alone need at least %d runs a side", RUNS_FOR_RANKS);
    else if (m->verdict == VERDICT_REGRESSION && m->mann_whitney_p > level &&
             m->smallest_p <= level)
        buffer_printf(out, "; ranks do not show it (p %.2g): a single run may make it",
                      m->mann_whitney_p);
}

static void say(const struct side_comparison *side, const struct metric_comparison *m,
                struct buffer *out)
{
    if (m->verdict == VERDICT_NONE) {
        buffer_text(out, why_not(m));
        return;
    }
    say_basis(m, out);
    if (m->basis != BASIS_COUNTS && !interval_known(m->delta_interval))
        buffer_text(out, "; no run differs from another of its side");
    if (m->verdict == VERDICT_INCONCLUSIVE)
        say_inconclusive(side, m, out);
    say_ranks(m, out);
}

const char *comparison_why(struct arena *memory, const struct side_comparison *side,
                           const struct metric_comparison *m)
{
    struct buffer text;
    const char *kept = NULL;

    buffer_init(&text, allocator_libc(), SENTENCE_MAX);
    say(side, m, &text);
    if (buffer_status(&text) == OU_OK)
        kept = arena_copy(memory, buffer_string(&text), text.len);
    buffer_release(&text);
    return kept;
}
