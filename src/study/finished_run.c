#include "study/finished_run.h"

#include <string.h>

#include "base/time.h"

/* A set of ten runs of 52 nodes takes some 20 MB. */
#define RUN_SET_BYTES_MAX ((size_t)4 << 30)

const struct run_value *run_value_find(const struct finished_run *r, enum metric_section section,
                                       const char *id)
{
    for (size_t i = 0; i < r->value_count; i++)
        if (r->values[i].info->section == section && strcmp(r->values[i].info->id, id) == 0)
            return &r->values[i];
    return NULL;
}

const char *run_fact_find(const struct finished_run *r, const char *group, const char *name)
{
    for (size_t i = 0; i < r->fact_count; i++)
        if (strcmp(r->facts[i].group, group) == 0 && strcmp(r->facts[i].name, name) == 0)
            return r->facts[i].value;
    return NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

/* Not by titles: a set gives runs of one name titles of their own. */
static bool same_name(const struct finished_run *a, const struct finished_run *b)
{
    return a->tag && b->tag ? strcmp(a->tag, b->tag) == 0 : same_text(a->name, b->name);
}

/* Whether a fact, or what takes its place, is told by both and differs. */
static bool contradict(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

/* Reports of different years call one run by different names. */
static bool is_same_published_run(const struct finished_run *a, const struct finished_run *b)
{
    if (contradict(run_fact_find(a, "workload", ""), run_fact_find(b, "workload", "")))
        return false;
    if (a->started_ns != TIME_NONE || b->started_ns != TIME_NONE)
        return a->started_ns == b->started_ns;
    return same_name(a, b) && same_text(a->checksum, b->checksum);
}

bool is_same_run(const struct finished_run *a, const struct finished_run *b)
{
    if (a == b)
        return true;
    if (a->source == RUN_FROM_TABLE && b->source == RUN_FROM_TABLE)
        return is_same_published_run(a, b);
    return same_text(a->checksum, b->checksum) ||
           (a->started_ns != TIME_NONE && a->started_ns == b->started_ns && same_name(a, b) &&
            !contradict(a->profile, b->profile));
}

void run_set_init(struct run_set *s)
{
    *s = (struct run_set){ .label = "" };
    arena_init(&s->memory, allocator_libc(), RUN_SET_BYTES_MAX);
}

void run_set_release(struct run_set *s)
{
    arena_release(&s->memory);
    *s = (struct run_set){ 0 };
}
