/* variance.json, as docs/formats/variance.md describes it: the runs in it. */
#include <stdio.h>
#include <string.h>

#include "study/reading.h"
#include "study/variance_file.h"

#define FACTS_MAX 64

static void read_identity(struct reading *r, const json_t *run, const char *place)
{
    struct finished_run *f = r->run;

    f->name = f->title = reading_text(r, run, place, "title");
    f->tag = reading_text(r, run, place, "tag");
    f->ident = reading_text(r, run, place, "ident");
    f->batch = reading_text(r, run, place, "batch");
    f->profile = reading_text(r, run, place, "profile");
    f->era = reading_text(r, run, place, "era");
    f->compiler = reading_text(r, run, place, "compiler");
    f->node_version = reading_text(r, run, place, "nodeVersion");
    f->machine = reading_text(r, run, place, "machine");
    f->started_ns = reading_instant(r, run, place, "started");
    f->checksum = reading_text(r, run, place, "xxh128");
    reading_design(r, run, place);
    if (!f->title)
        reading_fail(r, OU_INVALID, "%s has no title", place);
}

static void read_counts(struct reading *r, const json_t *run, const char *place)
{
    const json_t *counts = reading_array(r, run, place, "counts"), *count;
    size_t i;

    if (json_array_size(counts) > RUN_COUNTS_MAX)
        reading_fail(r, OU_INVALID, "%s has more than %d counts", place, RUN_COUNTS_MAX);
    json_array_foreach(counts, i, count)
    {
        const char *id = reading_text(r, count, place, "id");
        const char *name = reading_text(r, count, place, "name");
        const char *unit = reading_text(r, count, place, "exposureUnit");

        if (!id || !name || !unit)
            reading_fail(r, OU_INVALID, "%s.counts[%zu] has no id, name or exposureUnit", place, i);
        if (r->status)
            return;
        reading_add_count(r, id, name, unit, reading_number(r, count, place, "count"),
                          reading_number(r, count, place, "exposure"));
    }
}

static void read_facts(struct reading *r, const json_t *run, const char *place)
{
    const json_t *facts = reading_array(r, run, place, "facts"), *fact;
    size_t i;

    if (json_array_size(facts) > FACTS_MAX)
        reading_fail(r, OU_INVALID, "%s has more than %d facts", place, FACTS_MAX);
    reading_room_for_facts(r, json_array_size(facts));
    json_array_foreach(facts, i, fact)
    {
        const char *group = reading_text(r, fact, place, "group");
        const char *name = reading_text(r, fact, place, "name");

        if (!group || !name)
            reading_fail(r, OU_INVALID, "%s.facts[%zu] has no group or name", place, i);
        reading_add_fact(r, group, name, reading_text(r, fact, place, "value"));
    }
}

static void read_run(struct reading *r, const json_t *run, const char *place)
{
    const char *source = json_string_value(json_object_get(run, "source"));
    struct finished_run f;

    if (!json_is_object(json_object_get(run, "metrics"))) {
        reading_fail(r, OU_INVALID, "%s has no metrics", place);
        return;
    }
    /* A table stays one that does not tell all, also by way of a variance file. */
    reading_begin_run(r, &f,
                      source && strcmp(source, "table") == 0 ? RUN_FROM_TABLE : RUN_FROM_VARIANCE);
    read_identity(r, run, place);
    read_counts(r, run, place);
    read_facts(r, run, place);
    reading_findings(r, reading_array(r, run, place, "findings"));
    reading_metrics(r, json_object_get(run, "metrics"), place, NULL);
    reading_end_run(r);
}

void read_variance(struct reading *r, const json_t *document)
{
    const json_t *runs = reading_array(r, document, "", "runs"), *run;
    double schema = reading_number(r, document, "", "schema");
    size_t i;

    if (schema != VARIANCE_SCHEMA)
        reading_fail(r, OU_INVALID, "a variance file of schema %g; this version reads %d", schema,
                     VARIANCE_SCHEMA);
    if (json_array_size(runs) == 0)
        reading_fail(r, OU_INVALID, "a variance file without runs");
    json_array_foreach(runs, i, run)
    {
        char place[32];

        snprintf(place, sizeof place, "runs[%zu]", i);
        if (!r->status)
            read_run(r, run, place);
    }
}
