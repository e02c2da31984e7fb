#include "cmd/report_metrics.h"

#include "base/span.h"
#include "base/suggest.h"

/* Takes the next name off a list. */
static bool next_name(struct span *list, struct span *ret)
{
    const char *comma = list->len > 0 ? memchr(list->at, ',', list->len) : NULL;

    if (list->len == 0)
        return false;
    ret->at = list->at;
    ret->len = comma ? (size_t)(comma - list->at) : list->len;
    list->at += ret->len + (comma != NULL);
    list->len -= ret->len + (comma != NULL);
    return true;
}

static bool names(struct span name, const struct metric_info *info)
{
    const char *section = section_name(info->section);
    size_t len = strlen(section);

    if (span_is(name, info->id) || span_is(name, section))
        return true;
    return span_starts(name, section) && name.len > len && name.at[len] == '/' &&
           span_is((struct span){ name.at + len + 1, name.len - len - 1 }, info->id);
}

static enum ou_status check_name(struct span name, struct ou_error *err)
{
    struct suggestion near = { 0 };

    for (size_t i = 0; i < dictionary_count(); i++)
        if (names(name, dictionary_row(i)))
            return OU_OK;
    suggest_for(&near, name);
    for (size_t i = 0; i < dictionary_count(); i++)
        suggest_consider(&near, dictionary_row(i)->id);
    for (int i = 0; i < SECTION_COUNT; i++)
        suggest_consider(&near, section_name((enum metric_section)i));
    if (near.best)
        return ou_fail(err, OU_USAGE, "--metrics: there is no metric '%.*s'; did you mean %s?",
                       (int)name.len, name.at, near.best);
    return ou_fail(err, OU_USAGE, "--metrics: there is no metric '%.*s'", (int)name.len, name.at);
}

static bool is_chosen(const struct metric_info *info, struct span list)
{
    struct span name;

    if (info->section == SECTION_SUMMARY)
        return true;
    while (next_name(&list, &name))
        if (names(name, info))
            return true;
    return false;
}

static void choose(struct finished_run *run, struct span list)
{
    size_t kept = 0;

    for (size_t i = 0; i < run->value_count; i++)
        if (is_chosen(run->values[i].info, list))
            run->values[kept++] = run->values[i];
    run->value_count = kept;
}

enum ou_status report_choose_metrics(struct run_set *set, const char *list, struct ou_error *err)
{
    struct span rest = span_of(list), name;
    enum ou_status status = OU_OK;

    while (!status && next_name(&rest, &name))
        status = check_name(name, err);
    for (size_t i = 0; !status && i < set->count; i++)
        choose(&set->runs[i], span_of(list));
    return status;
}
