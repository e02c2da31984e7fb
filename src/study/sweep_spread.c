/* How much runs of a setting differ among themselves, and how that stands to the base. */
#include "stats/spread.h"
#include "study/sweep_inside.h"

/* The values of a setting's runs, moved into `into`; returns how many. */
static size_t values_of(const struct sweep_work *w, size_t setting, double *into)
{
    size_t n = 0;

    for (size_t i = 0; i < w->runs; i++)
        if (w->setting[i] == setting)
            into[n++] = w->values[i];
    return n;
}

enum ou_status sweep_spread_compute(struct sweep_work *w, struct sweep_metric *m,
                                    struct ou_error *err)
{
    const struct sweep_results *r = w->results;
    double *base = sweep_take(w->results, 2 * w->runs, sizeof *base, err), *own;
    struct two_samples s;

    if (!base)
        return OU_NO_MEMORY;
    own = base + w->runs;
    s = (struct two_samples){ base, 0, own, 0 };
    s.na = values_of(w, r->base, base);
    for (size_t i = 0; i < r->setting_count; i++) {
        struct setting_estimate *e = &m->settings[i];

        s.nb = values_of(w, e->setting, own);
        e->variation = coefficient_of_variation(own, s.nb);
        e->spread = e->setting == r->base ? variance_ratio_none() : variance_ratio_of(&s, .95);
    }
    return OU_OK;
}
