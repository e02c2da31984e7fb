#include "logs/collected.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/span.h"

static const char *const endings[COLLECTED_NOT] = {
    [COLLECTED_MACHINE] = ".json", [COLLECTED_LEGACY] = ".scjson", [COLLECTED_HUMAN] = ".log"
};

static enum collected_form form_of_ending(struct span ending)
{
    enum collected_form form = COLLECTED_MACHINE;

    while (form < COLLECTED_NOT && !span_is(ending, endings[form]))
        form++;
    return form;
}

enum collected_form collected_form_of(const char *name)
{
    static const char model[] = "node-0000-00-00T00-00-00";
    struct span rest = span_of(name);

    for (const char *m = model; *m; m++, rest.at++, rest.len--)
        if (rest.len == 0 || (*m == '0' ? *rest.at < '0' || *rest.at > '9' : *rest.at != *m))
            return COLLECTED_NOT;
    if (span_ends(rest, ".gz"))
        rest.len -= strlen(".gz");
    else if (span_ends(rest, ".zst"))
        rest.len -= strlen(".zst");
    return form_of_ending(rest);
}

bool collected_is_link(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char target[NAME_MAX + 1];
    enum collected_form form;
    ssize_t len;

    if (strncmp(name, "node.", 5) != 0)
        return false;
    form = form_of_ending(span_of(name + 4));
    len = form < COLLECTED_NOT ? readlink(path, target, sizeof(target)) : -1;
    if (len < 0 || (size_t)len == sizeof(target))
        return false;
    target[len] = '\0';
    return collected_form_of(target) == form;
}
