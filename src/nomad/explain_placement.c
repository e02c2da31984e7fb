/* Why groups could not be placed: FailedTGAllocs, in which Nomad counts what kept how many machines from taking a group. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "nomad/candidates.h"
#include "nomad/explain.h"
#include "nomad/facts.h"

/* Groups that fail alike are told in one line; beyond that many different ones the rest is counted. */
#define LINES_MAX 16
#define LINE_BYTES_MAX 4096
#define PARTS_MAX 8 /* members of one object that a line tells */

/* What Nomad calls a reason, what it is, and what helps. */
struct reason {
    const char *starts; /* of Nomad's words */
    const char *is;     /* behind "1 machine "; NULL: Nomad's own words are shown */
    const char *advice; /* NULL: other reasons tell more */
};

static const struct reason CONSTRAINTS[] = {
    { "missing drivers", "without the task's driver, or with it unhealthy",
      "enable the driver on the clients (nomad node status -verbose shows them), or name another "
      "one" },
    { "missing host volumes", "without the volume",
      "add a host_volume to the clients' configuration, or take the mount away" },
    { "missing compatible host volumes", "without the volume",
      "add a host_volume to the clients' configuration, or take the mount away" },
    { "missing network", "without a network of that mode",
      "set network_interface in the clients' configuration" },
    { "missing devices", "without the device", "ask for no device, or add machines that have it" },
    { "distinct_hosts", "that run a host of this job already",
      "add machines, or let several hosts share one" },
    { "computed class ineligible", "of a kind that was found unfit", NULL },
};

static const struct reason DIMENSIONS[] = {
    { "memory", "too little memory", "ask for less memory, or add machines" },
    { "cpu", "too little CPU", "ask for fewer MHz, or add machines" },
    { "cores", "too few cores free", "ask for fewer cores, or add machines" },
    { "disk", "too little disk", "ask for less disk, or add machines" },
    { "network: reserved port collision", "a port that is taken",
      "ask for another port or a dynamic one, or stop the job that has it (nomad node status)" },
    { "network: port collision", "a port that is taken",
      "ask for another port or a dynamic one, or stop the job that has it (nomad node status)" },
    { "network: dynamic port selection failed", "no dynamic port free",
      "widen min_dynamic_port and max_dynamic_port of the clients, or add machines" },
    { "network: bandwidth exceeded", "too little bandwidth", "ask for none, or add machines" },
    { "devices", "too few devices", "ask for fewer, or add machines" },
};

static const struct reason *reason_of(const struct reason *table, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(name, table[i].starts, strlen(table[i].starts)) == 0)
            return &table[i];
    return NULL;
}

/* The line of one group, behind its name. */
struct line {
    struct buffer *out;
    const char *advice; /* of the first reason that has one */
    unsigned reasons;
};

static void begin_reason(struct line *line)
{
    buffer_text(line->out, line->reasons++ ? ", " : ": ");
}

static void advise(struct line *line, const char *advice)
{
    if (!line->advice)
        line->advice = advice;
}

/* ConstraintFiltered and ClassFiltered: which rule kept how many machines out. */
static void tell_filtered(struct line *line, const json_t *filtered)
{
    size_t told = 0;

    for (const char *name; told < PARTS_MAX && (name = json_tree_key_at(filtered, told)); told++) {
        const struct reason *reason =
            reason_of(CONSTRAINTS, sizeof CONSTRAINTS / sizeof CONSTRAINTS[0], name);

        begin_reason(line);
        buffer_printf(line->out, "%" PRId64 " ", facts_integer(filtered, name, 0));
        if (reason) {
            buffer_text(line->out, reason->is);
        } else {
            buffer_text(line->out, "not meeting the constraint \"");
            facts_append(line->out, name);
            buffer_char(line->out, '"');
        }
        advise(line, reason ? reason->advice
                            : "mend the constraint, or give machines what it asks for (node class, "
                              "datacenter, metadata)");
    }
}

/* What the tasks of the group ask for of a dimension, from ResourcesExhausted; 0: not told. */
static int64_t asked_for(const json_t *metric, const char *member)
{
    const json_t *tasks = json_object_get(metric, "ResourcesExhausted");
    int64_t sum = 0;
    const char *task;

    for (size_t i = 0; i < PARTS_MAX && (task = json_tree_key_at(tasks, i)); i++) {
        int64_t wanted = facts_integer(json_object_get(tasks, task), member, 0);

        if (wanted > 0 && wanted < INT64_MAX / PARTS_MAX)
            sum += wanted;
    }
    return sum;
}

static void tell_asked(struct line *line, const json_t *metric, const char *dimension)
{
    static const struct {
        const char *dimension, *member, *unit;
    } ASKED[] = { { "memory", "MemoryMB", "MB" },
                  { "cpu", "CPU", "MHz" },
                  { "cores", "Cores", "cores" },
                  { "disk", "DiskMB", "MB" } };

    for (size_t i = 0; i < sizeof ASKED / sizeof ASKED[0]; i++) {
        int64_t wanted =
            strcmp(ASKED[i].dimension, dimension) == 0 ? asked_for(metric, ASKED[i].member) : 0;

        if (wanted > 0)
            buffer_printf(line->out, " (%" PRId64 " %s asked for)", wanted, ASKED[i].unit);
    }
}

/* The number of a reserved port that is taken stands behind "=". */
static void tell_port(struct line *line, const char *dimension)
{
    const char *equals = strchr(dimension, '=');

    if (!equals)
        return;
    buffer_text(line->out, " (");
    facts_append(line->out, equals + 1);
    buffer_char(line->out, ')');
}

static void tell_exhausted(struct line *line, const json_t *metric)
{
    const json_t *exhausted = json_object_get(metric, "DimensionExhausted");
    const char *name;

    for (size_t i = 0; i < PARTS_MAX && (name = json_tree_key_at(exhausted, i)); i++) {
        const struct reason *reason =
            reason_of(DIMENSIONS, sizeof DIMENSIONS / sizeof DIMENSIONS[0], name);

        begin_reason(line);
        buffer_printf(line->out, "%" PRId64 " with ", facts_integer(exhausted, name, 0));
        if (reason)
            buffer_text(line->out, reason->is);
        else
            facts_append(line->out, name);
        tell_asked(line, metric, name);
        tell_port(line, name);
        advise(line, reason ? reason->advice : "ask for less, or add machines");
    }
}

static void tell_quota(struct line *line, const json_t *metric)
{
    const json_t *quota = json_object_get(metric, "QuotaExhausted");

    for (size_t i = 0; i < PARTS_MAX && i < json_array_size(quota); i++) {
        const char *text = json_string_value(json_array_get(quota, i));

        begin_reason(line);
        buffer_text(line->out, "the namespace's quota is used up: ");
        facts_append(line->out, text ? text : "?");
        advise(line, "stop other jobs of the namespace, or have its quota raised");
    }
}

/* Classes tell something only where nothing better is known. */
static void tell_classes(struct line *line, const json_t *classes, const char *what)
{
    const char *name;

    for (size_t i = 0; i < PARTS_MAX && (name = json_tree_key_at(classes, i)); i++) {
        begin_reason(line);
        buffer_printf(line->out, "%" PRId64 " of class \"", facts_integer(classes, name, 0));
        facts_append(line->out, name);
        buffer_printf(line->out, "\" %s", what);
        advise(line, "look at the job's constraints and resources");
    }
}

/* Which of the datacenters that the job names have no machine that is ready. */
static void tell_datacenters(struct line *line, const json_t *metric)
{
    const json_t *available = json_object_get(metric, "NodesAvailable");
    unsigned empty = 0;
    const char *name;

    buffer_text(line->out, ": no machine is ready in ");
    for (size_t i = 0; i < PARTS_MAX && (name = json_tree_key_at(available, i)); i++) {
        if (facts_integer(available, name, 0) > 0)
            continue;
        buffer_text(line->out, empty++ ? ", " : "datacenter ");
        facts_append(line->out, name);
    }
    if (empty == 0)
        buffer_text(line->out, "the job's datacenters");
    line->reasons++;
    advise(line, "name a datacenter that has clients (nomad node status shows them), or start "
                 "clients there");
}

/* Machines that are full, or lack what is no constraint on what they are called: Nomad counts them and does not name them. */
static void tell_candidates(struct line *line, const json_t *metric, const json_t *machines)
{
    int64_t full = facts_integer(metric, "NodesExhausted", 0);
    size_t before = line->out->len;

    buffer_text(line->out, ", namely ");
    if (line->reasons == 0 || !candidates_tell(metric, machines, full, line->out))
        buffer_cut(line->out, before);
}

static void tell_group(const json_t *metric, const json_t *machines, struct buffer *ret)
{
    struct line line = { .out = ret };
    int64_t evaluated = facts_integer(metric, "NodesEvaluated", 0);

    if (evaluated == 0 && json_object_size(json_object_get(metric, "ConstraintFiltered")) == 0) {
        tell_datacenters(&line, metric);
    } else {
        buffer_text(ret, ": none of ");
        facts_append_count(ret, evaluated, "machine");
        buffer_text(ret, " can take it");
        tell_filtered(&line, json_object_get(metric, "ConstraintFiltered"));
        /* Constraints keep out the machines of other regions as they should: what is full is what is lacking. */
        if (json_object_size(json_object_get(metric, "DimensionExhausted")) > 0)
            line.advice = NULL;
        tell_exhausted(&line, metric);
        tell_candidates(&line, metric, machines);
    }
    tell_quota(&line, metric);
    if (line.reasons == 0) {
        tell_classes(&line, json_object_get(metric, "ClassFiltered"), "refused");
        tell_classes(&line, json_object_get(metric, "ClassExhausted"), "full");
    }
    buffer_printf(ret, ": %s",
                  line.advice ? line.advice : "look at the evaluation (nomad eval status)");
}

/* Groups that fail alike. */
struct alike {
    struct buffer text; /* owned */
    const char *names[NAMES_SHOWN];
    size_t count;
};

struct gathered {
    struct alike lines[LINES_MAX];
    size_t count, left_over;
};

static void gather(struct gathered *all, const char *group, const json_t *metric,
                   const json_t *machines)
{
    struct buffer text;
    size_t i = 0;

    buffer_init(&text, allocator_libc(), LINE_BYTES_MAX);
    tell_group(metric, machines, &text);
    while (i < all->count && strcmp(buffer_string(&all->lines[i].text), buffer_string(&text)) != 0)
        i++;
    if (i == LINES_MAX) {
        all->left_over++;
        buffer_release(&text);
        return;
    }
    if (i == all->count)
        all->lines[all->count++].text = text;
    else
        buffer_release(&text);
    if (all->lines[i].count < NAMES_SHOWN)
        all->lines[i].names[all->lines[i].count] = group;
    all->lines[i].count++;
}

static void append_line(const struct alike *line, struct buffer *ret)
{
    buffer_text(ret, line->count == 1 ? "group " : "groups ");
    names_tell(line->names, line->count, ret);
    buffer_append(ret, line->text.at, line->text.len);
}

bool nomad_explain_failures_on(const json_t *failed_groups, const json_t *machines,
                               struct buffer *ret)
{
    struct gathered all = { .count = 0 };
    const char *group;
    json_t *metric;

    if (json_object_size(failed_groups) == 0)
        return false;
    json_object_foreach((json_t *)failed_groups, group, metric)
    {
        gather(&all, group, metric, machines);
    }
    for (size_t i = 0; i < all.count; i++) {
        if (i > 0)
            buffer_char(ret, '\n');
        append_line(&all.lines[i], ret);
        buffer_release(&all.lines[i].text);
    }
    if (all.left_over > 0) {
        buffer_char(ret, '\n');
        facts_append_count(ret, (int64_t)all.left_over, "group");
        buffer_text(ret, " more could not be placed, for other reasons");
    }
    return true;
}

bool nomad_explain_failures(const json_t *failed_groups, struct buffer *ret)
{
    return nomad_explain_failures_on(failed_groups, NULL, ret);
}
