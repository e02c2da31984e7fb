#include "trace/point_names.h"

#include "trace/legacy_names.h"

static const char *first_of(enum legacy_generation generation, struct span ns)
{
    size_t count;
    const struct legacy_name *names = legacy_names(&count);

    for (size_t i = 0; i < count; i++)
        if (names[i].generation == generation && names[i].ns && span_is(ns, names[i].ns))
            return names[i].old;
    return NULL;
}

struct point_names names_of_point(const struct ou_point *point)
{
    const struct legacy_form known = legacy_form_of(span_of(point->ns));
    const bool declared = point->legacy.logger != NULL;
    struct point_names names = {
        .logger = declared ? point->legacy.logger : known.logger,
        .kind = point->legacy.kind ? point->legacy.kind : known.kind,
        .wrapped = declared ? point->legacy.wrapped : known.wrapped,
        .former = point->former,
        .early = point->early,
    };

    if (!names.kind)
        names.kind = point->kind;
    if (!names.former)
        names.former = first_of(LEGACY_FORMER, span_of(point->ns));
    if (!names.early)
        names.early = first_of(LEGACY_EARLY, span_of(point->ns));
    if (!names.early && names.former)
        names.early = first_of(LEGACY_EARLY, span_of(names.former));
    return names;
}
