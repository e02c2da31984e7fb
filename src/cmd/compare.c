/* ouroscope compare: a base against one or more variants. */
#include "study/comparison.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "cmd/document_output.h"
#include "cmd/say.h"
#include "cmd/study_inputs.h"
#include "report/builders.h"
#include "report/comparison_json.h"
#include "study/read_runs.h"
#include "study/side_names.h"

enum { SETS_MAX = 12 };

enum fail_on {
    FAIL_ON_REGRESSION = 1,
    FAIL_ON_INCONCLUSIVE = 2,
    FAIL_ON_CHANGE = 4,
    FAIL_ON_NEVER = 8,
};

/* Counts of events that have a verdict and are no metrics of the dictionary. */
static const char *const counts[] = { "missedSlots", "lostBlocks" };

struct compare {
    const struct parsed_options *options;
    struct document_output output;
    struct comparison_options what;
    struct margin_override *margins; /* owned, as many as there are options */
    const char **metrics;            /* likewise */
    unsigned fail_on;                /* of enum fail_on */
    struct run_set sets[SETS_MAX], history;
    const struct run_set *variants[SETS_MAX];
    size_t set_count;
};

/* ---- What is asked for ---- */

static bool is_metric(const char *name)
{
    for (size_t i = 0; i < dictionary_count(); i++)
        if (metric_is_named(dictionary_row(i), name))
            return true;
    for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
        if (strcmp(counts[i], name) == 0)
            return true;
    return false;
}

static enum ou_status check_metric(const char *option, const char *name, struct ou_error *err)
{
    struct suggestion near = { 0 };

    if (is_metric(name))
        return OU_OK;
    suggest_for(&near, span_of(name));
    for (size_t i = 0; i < dictionary_count(); i++)
        suggest_consider(&near, dictionary_row(i)->id);
    return near.best ? ou_fail(err, OU_USAGE, "--%s: no metric '%s'; did you mean %s?", option,
                               name, near.best)
                     : ou_fail(err, OU_USAGE, "--%s: no metric '%s'", option, name);
}

/* A number above 0 that ends where the text does. */
static bool read_positive(const char *text, double *ret)
{
    char *end;

    *ret = strtod(text, &end);
    return end != text && *end == '\0' && *ret > 0 && *ret < 1e6;
}

/* "2": all margins twice as wide; "CentiCpu=5": 5 % for that metric. */
static enum ou_status read_margin(struct compare *c, const char *text, struct ou_error *err)
{
    const char *equals = strchr(text, '=');
    struct margin_override *margin = &c->margins[c->what.margin_count];
    char *name;
    enum ou_status status;

    if (!equals)
        return read_positive(text, &c->what.margin_scale)
                   ? OU_OK
                   : ou_fail(err, OU_USAGE, "--margin: '%s' is neither a factor nor METRIC=PERCENT",
                             text);
    if (!read_positive(equals + 1, &margin->relative))
        return ou_fail(err, OU_USAGE, "--margin: '%s' is no percentage above 0", equals + 1);
    name = strndup(text, (size_t)(equals - text));
    if (!name)
        return ou_fail(err, OU_NO_MEMORY, "no memory for --margin");
    margin->relative /= 100;
    margin->metric = name;
    c->what.margin_count++;
    status = check_metric("margin", name, err);
    return status;
}

static enum ou_status read_seed(const char *text, uint64_t *ret, struct ou_error *err)
{
    char *end;

    errno = 0;
    *ret = strtoull(text, &end, 10);
    if (errno || end == text || *end != '\0' || text[0] < '0' || text[0] > '9')
        return ou_fail(err, OU_USAGE, "--seed: '%s' is no whole number below 2^64", text);
    return OU_OK;
}

static unsigned fail_on_of(const char *word)
{
    if (strcmp(word, "inconclusive") == 0)
        return FAIL_ON_INCONCLUSIVE;
    if (strcmp(word, "change") == 0)
        return FAIL_ON_CHANGE;
    return strcmp(word, "never") == 0 ? FAIL_ON_NEVER : FAIL_ON_REGRESSION;
}

static enum ou_status read_option(struct compare *c, const struct parsed_option *given,
                                  struct ou_error *err)
{
    switch (given->option) {
    case COMPARE_OPTION_FAIL_ON: c->fail_on |= fail_on_of(given->value); return OU_OK;
    case COMPARE_OPTION_METRIC:
        c->metrics[c->what.metric_count++] = given->value;
        return check_metric("metric", given->value, err);
    case COMPARE_OPTION_MARGIN: return read_margin(c, given->value, err);
    case COMPARE_OPTION_SEED: return read_seed(given->value, &c->what.seed, err);
    case COMPARE_OPTION_ADJUST:
        c->what.adjustment = strcmp(given->value, "bh") == 0 ? ADJUST_BH : ADJUST_HOLM;
        return OU_OK;
    case COMPARE_OPTION_PAIRED: c->what.paired = true; return OU_OK;
    case COMPARE_OPTION_UNPAIRED: c->what.unpaired = true; return OU_OK;
    case COMPARE_OPTION_ALLOW_DIFFERENT: c->what.allow_different = true; return OU_OK;
    default: return OU_OK;
    }
}

static enum ou_status read_options(struct compare *c, struct ou_error *err)
{
    const struct parsed_options *o = c->options;
    enum ou_status status = document_output_plan(o, COMPARE_OPTION_DOCUMENT, &c->output, err);

    if (status)
        return status;
    if (o->group_count < 2)
        return ou_fail(err, OU_USAGE,
                       "-- has to stand between the base and what is compared "
                       "with it: %s",
                       o->command->operands);
    if (o->group_count > SETS_MAX)
        return ou_fail(err, OU_USAGE, "more than %d variants", SETS_MAX - 1);
    c->what = COMPARISON_DEFAULTS;
    c->margins = calloc(o->given_count + 1, sizeof(*c->margins));
    c->metrics = calloc(o->given_count + 1, sizeof(*c->metrics));
    if (!c->margins || !c->metrics)
        return ou_fail(err, OU_NO_MEMORY, "no memory for options");
    for (size_t i = 0; !status && i < o->given_count; i++)
        status = read_option(c, &o->given[i], err);
    c->what.margins = c->margins;
    c->what.metrics = c->metrics;
    if (!status && (c->fail_on & FAIL_ON_NEVER) && c->fail_on != FAIL_ON_NEVER)
        return ou_fail(err, OU_USAGE, "--fail-on: never, and something, contradict each other");
    if (!status && c->what.paired && c->what.unpaired)
        return ou_fail(err, OU_USAGE, "--paired and --unpaired contradict each other");
    if (!c->fail_on)
        c->fail_on = FAIL_ON_REGRESSION;
    return status;
}

/* ---- Runs ---- */

static enum ou_status load_sets(struct compare *c, struct ou_error *err)
{
    const struct parsed_options *o = c->options;

    for (size_t i = 0; i < o->group_count; i++) {
        struct run_set *set = &c->sets[i];
        size_t count;
        const char *const *operands = options_group(o, i, &count);
        enum ou_status status;

        run_set_init(set);
        c->set_count++;
        status = study_inputs_load(o->command, operands, count, set, err);
        if (status)
            return status;
        c->variants[i] = set;
    }
    return side_names(c->sets, c->set_count, err);
}

static enum ou_status load_history(struct compare *c, struct ou_error *err)
{
    const struct parsed_options *o = c->options;
    enum ou_status status = OU_OK;

    run_set_init(&c->history);
    for (size_t i = 0; !status && i < o->given_count; i++) {
        if (o->given[i].option != COMPARE_OPTION_HISTORY)
            continue;
        c->what.history = &c->history;
        status = study_inputs_load(o->command, &o->given[i].value, 1, &c->history, err);
    }
    if (!status)
        run_set_sort(&c->history);
    return status;
}

/* ---- The work ---- */

static bool fails(const struct compare *c, const struct comparison *result)
{
    for (size_t i = 0; i < result->side_count; i++) {
        const struct side_comparison *side = &result->sides[i];
        const size_t *n = side->verdicts;
        size_t changes = n[VERDICT_REGRESSION] + n[VERDICT_IMPROVEMENT] + n[VERDICT_CHANGE];

        if ((c->fail_on & FAIL_ON_REGRESSION && n[VERDICT_REGRESSION]) ||
            (c->fail_on & FAIL_ON_CHANGE && changes) ||
            (c->fail_on & FAIL_ON_INCONCLUSIVE &&
             (n[VERDICT_INCONCLUSIVE] || side->unjudged || !side->judged)))
            return true;
    }
    return false;
}

static void write_structured(const void *result, struct buffer *out)
{
    comparison_json(result, out);
}

static enum ou_status show(const struct compare *c, const struct comparison *result,
                           struct ou_error *err)
{
    struct document document;
    enum ou_status status;

    document_init(&document);
    document_of_comparison(result, &document);
    status = document_output_write(&c->output, &document, write_structured, result, err);
    document_release(&document);
    return status;
}

/* A gate must not take silence for an approval. */
static void warn_of_nothing_judged(const struct compare *c, const struct comparison *result)
{
    for (size_t i = 0; i < result->side_count; i++) {
        const struct side_comparison *side = &result->sides[i];
        /* Counts alone may have been tested: that is no answer. */
        const bool single = side->basis == BASIS_NONE || side->basis == BASIS_WITHIN_RUN;
        char text[256];

        if (side->judged > 0 && !single)
            continue;
        snprintf(text, sizeof text, "nothing of %.60s was judged%s%s", side->variant->label,
                 side->judged > 0 ? " but counts" : "",
                 single ? ": with one run a side, how much runs differ anyway is unknown; give "
                          "several runs, or --history"
                        : "");
        say_warning(c->options->command, text);
    }
}

static void compare_release(struct compare *c)
{
    for (size_t i = 0; i < c->set_count; i++)
        run_set_release(&c->sets[i]);
    run_set_release(&c->history);
    for (size_t i = 0; i < c->what.margin_count; i++)
        free((char *)c->margins[i].metric);
    free(c->margins);
    free(c->metrics);
}

enum exit_code cmd_compare(const struct parsed_options *options)
{
    struct compare c = { .options = options };
    struct comparison result = { 0 };
    struct ou_error err = { 0 };
    enum exit_code code;
    enum ou_status status = read_options(&c, &err);

    if (!status)
        status = load_sets(&c, &err);
    if (!status)
        status = load_history(&c, &err);
    if (!status)
        status =
            comparison_compute(&c.sets[0], &c.variants[1], c.set_count - 1, &c.what, &result, &err);
    if (!status)
        status = show(&c, &result, &err);
    code = document_output_end(options->command, status, &err);
    if (code == EXIT_DONE)
        warn_of_nothing_judged(&c, &result);
    if (code == EXIT_DONE && fails(&c, &result))
        code = EXIT_REGRESSION;
    comparison_release(&result);
    compare_release(&c);
    return code;
}
