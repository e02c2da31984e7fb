#include "workbench/sweep_catalogue.h"

#include <string.h>

#include "base/suggest.h"
#include "json/tree.h"

extern char sweeps_tracing_comparison_json[], sweeps_tracing_quick_json[];

static const struct {
    const char *name, *text;
} sweeps[] = {
    { "tracing-comparison", sweeps_tracing_comparison_json },
    { "tracing-quick", sweeps_tracing_quick_json },
};
#define SWEEPS (sizeof sweeps / sizeof *sweeps)

const char *sweep_catalogue_name(size_t i)
{
    return i < SWEEPS ? sweeps[i].name : NULL;
}

enum ou_status sweep_catalogue_find(const char *name, json_t **ret, struct ou_error *err)
{
    struct suggestion s;

    suggest_for(&s, span_of(name));
    for (size_t i = 0; i < SWEEPS; i++) {
        if (strcmp(sweeps[i].name, name) == 0)
            return json_tree_parse(span_of(sweeps[i].text), name, ret, err);
        suggest_consider(&s, sweeps[i].name);
    }
    return ou_fail(err, OU_NOT_FOUND,
                   "no sweep \"%s\" is built in%s%s%s; a file's name has a slash in it or ends in "
                   ".json, and `ouroscope sweep list` names those that are built in",
                   name, s.best ? "; did you mean " : "", s.best ? s.best : "", s.best ? "?" : "");
}
