/* Tables of a sweep's runs, and of those that went wrong. */
#include <math.h>

#include "report/builders.h"
#include "report/sweep_cells.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

/* --- Runs -------------------------------------------------------------------------------------------------------------- */

static const char *fate_words(enum sweep_fate fate)
{
    static const char *const words[] = {
        [SWEEP_FATE_OPEN] = "open",
        [SWEEP_FATE_DONE] = "done",
        [SWEEP_FATE_UNREAD] = "done, results cannot be read",
        [SWEEP_FATE_FAILED] = "given up",
    };

    return words[fate];
}

/* Runs of a setting by what became of them, and what they took. */
struct runs_of {
    size_t planned, fates[SWEEP_FATE_FAILED + 1], attempts, timed;
    double seconds;
};

static struct runs_of count_runs(const struct sweep_results *r, size_t setting)
{
    struct runs_of of = { 0 };

    for (size_t i = 0; i < r->planned; i++) {
        const struct sweep_made *made = &r->made[i];

        if (made->setting != setting)
            continue;
        of.planned++;
        of.fates[made->fate]++;
        of.attempts += made->attempts;
        if (made->fate == SWEEP_FATE_DONE && isfinite(made->seconds)) {
            of.seconds += made->seconds;
            of.timed++;
        }
    }
    return of;
}

static void add_troubles(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "setting", .head = "setting" },
        { .id = "block", .head = "block", .number = true },
        { .id = "attempts", .head = "attempts", .number = true },
        { .id = "fate", .head = "so it is" },
        { .id = "cause", .head = "cause" },
        { .id = "directory", .head = "directory", .spare = 1 },
    };
    struct doc_table *t = NULL;

    for (size_t i = 0; i < r->planned; i++) {
        const struct sweep_made *made = &r->made[i];

        if (!made->cause || !*made->cause)
            continue;
        if (!t)
            t = document_table(d, "failures", "Runs that went wrong", COLUMNS(columns));
        doc_add_text(d, t, r->all[made->setting].label);
        doc_add_count(d, t, (int64_t)made->block + 1);
        doc_add_count(d, t, (int64_t)made->attempts);
        doc_add_cell(
            d, t,
            (struct doc_cell){ .kind = DOC_TEXT,
                               .text = fate_words(made->fate),
                               .tone = made->fate == SWEEP_FATE_OPEN ? TONE_UNSURE : TONE_BAD });
        doc_add_text(d, t, made->cause);
        sweep_cell_words(d, t, made->directory);
    }
}

void add_sweep_runs(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "setting", .head = "setting" },
        { .id = "planned", .head = "planned", .number = true },
        { .id = "done", .head = "done", .number = true },
        { .id = "failed", .head = "failed", .number = true },
        { .id = "open", .head = "open", .number = true },
        { .id = "seconds",
          .head = "seconds a run",
          .number = true,
          .hint = "Wall clock, from making its files to the end of its analysis",
          .spare = 1 },
    };
    struct doc_table *t;

    document_heading(d, 2, "runs", "The runs");
    add_troubles(d, r);
    t = document_table(d, "runs-of-settings", "Runs of each setting", COLUMNS(columns));
    for (size_t i = 0; i < r->setting_count; i++) {
        struct runs_of of = count_runs(r, i);

        doc_add_text(d, t, r->all[i].label);
        doc_add_count(d, t, (int64_t)of.planned);
        doc_add_count(d, t, (int64_t)of.fates[SWEEP_FATE_DONE]);
        doc_add_count(d, t, (int64_t)(of.fates[SWEEP_FATE_FAILED] + of.fates[SWEEP_FATE_UNREAD]));
        doc_add_count(d, t, (int64_t)of.fates[SWEEP_FATE_OPEN]);
        doc_add_number(d, t, of.timed > 0 ? of.seconds / (double)of.timed : NAN, 1);
    }
}
