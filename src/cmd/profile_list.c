/* ouroscope profile list: what is built in. */
#include <fnmatch.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/columns.h"
#include "cmd/profile.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "json/write.h"

#define OUT_BYTES_MAX ((size_t)16 << 20)

/* A built-in profile among its family: the head, and what is_variant_of() it. */
struct entry {
    size_t number, head; /* of the built-in profiles */
    size_t members;      /* of a head: further ones */
};

struct listing {
    const struct parsed_options *options;
    struct entry *entries; /* count of them, by family; owned */
    size_t count;
    const char *pattern; /* NULL: all */
    bool all;            /* not only heads */
    size_t shown, hidden;
    struct columns columns;
    struct json_writer json;
    bool as_json;
};

/* "forge-stress-plutus" is one of forge-stress, and "value-drep1k-nomadperf" of value-nomadperf: what a variant adds stands
 * at the end, or before the last word. */
static bool is_variant_of(const char *name, const char *head)
{
    const char *last = strrchr(head, '-');
    size_t len = strlen(head), first = last ? (size_t)(last - head) : 0;

    if (strncmp(name, head, len) == 0 && name[len] == '-')
        return true;
    return last && strncmp(name, head, first + 1) == 0 && strlen(name) > len &&
           span_ends(span_of(name), last);
}

/* The profile with the shortest name that this one is a variant of; itself if there is none. */
static size_t head_of(size_t i)
{
    const char *name = profile_builtin_name(i), *other;
    size_t best = i;

    for (size_t j = 0; (other = profile_builtin_name(j)); j++)
        if (is_variant_of(name, other) && strlen(other) < strlen(profile_builtin_name(best)))
            best = j;
    return best;
}

static int by_family(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->head != y->head)
        return x->head < y->head ? -1 : 1;
    /* The head itself first, whatever its number. */
    if ((x->number == x->head) != (y->number == y->head))
        return x->number == x->head ? -1 : 1;
    return (x->number > y->number) - (x->number < y->number);
}

static bool collect(struct listing *l)
{
    while (profile_builtin_name(l->count))
        l->count++;
    l->entries = calloc(l->count + 1, sizeof *l->entries);
    if (!l->entries)
        return false;
    for (size_t i = 0; i < l->count; i++) {
        l->entries[i].number = i;
        l->entries[i].head = head_of(i);
    }
    for (size_t i = 0; i < l->count; i++)
        l->entries[l->entries[i].head].members += l->entries[i].head != i;
    qsort(l->entries, l->count, sizeof *l->entries, by_family);
    return true;
}

/* ---- what a row says ---- */

#define CELL_ROOM 64

/* "6/6", "52+explorer/52". */
static void hosts_of(const struct profile *p, char ret[CELL_ROOM])
{
    snprintf(ret, CELL_ROOM, "%" PRIu32 "%s/%" PRIu32, p->hosts,
             p->with_explorer ? "+explorer" : "", p->pools);
}

static const json_t *member(const struct profile *p, const char *section, const char *name)
{
    return json_object_get(json_object_get(p->document, section), name);
}

/* What ends a run. A condition of one kind of host alone names it. */
static bool condition_of(const struct profile *p, const char *name, const char *what,
                         char ret[CELL_ROOM])
{
    const json_t *value = member(p, "node", name);
    const char *kind;
    json_t *of_kind;

    if (json_is_integer(value))
        snprintf(ret, CELL_ROOM, "%s %" JSON_INTEGER_FORMAT, what, json_integer_value(value));
    json_object_foreach((json_t *)value, kind, of_kind)
    {
        snprintf(ret, CELL_ROOM, "%s %" JSON_INTEGER_FORMAT " of %s", what,
                 json_integer_value(of_kind), kind);
    }
    return !json_is_null(value) && value;
}

static void stop_of(const struct profile *p, char ret[CELL_ROOM])
{
    bool waits = p->scenario == SCENARIO_IDLE || p->scenario == SCENARIO_TRACER_ONLY;

    *ret = '\0';
    if (condition_of(p, "shutdown_on_slot_synced", "slot", ret) ||
        condition_of(p, "shutdown_on_block_synced", "block", ret))
        return;
    if (waits)
        snprintf(ret, CELL_ROOM, "Ctrl-C");
    else if (p->stop_when_exhausted)
        snprintf(ret, CELL_ROOM, "load sent");
    else
        snprintf(ret, CELL_ROOM, "%g epochs", json_number_value(member(p, "generator", "epochs")));
}

static double slots_of(const struct profile *p)
{
    return json_number_value(member(p, "derived", "generator_duration")) / p->slot_s;
}

static void add_row(struct listing *l, const struct entry *e, const struct profile *p)
{
    bool is_head = e->number == e->head;
    char cell[CELL_ROOM];

    columns_printf(&l->columns, "%s%s", l->all && !is_head ? "  " : "", p->name);
    hosts_of(p, cell);
    columns_add(&l->columns, cell);
    columns_printf(&l->columns, "%.0f", slots_of(p));
    if (p->loaded)
        columns_printf(&l->columns, "%.4g", p->tps);
    else
        columns_add(&l->columns, "-");
    stop_of(p, cell);
    columns_add(&l->columns, cell);
    if (!l->all && e->members)
        columns_printf(&l->columns, "%zu", e->members);
    else if (!l->all)
        columns_add(&l->columns, "");
    columns_add(&l->columns, p->description);
}

static void add_json(struct listing *l, const struct entry *e, const struct profile *p)
{
    struct json_writer *w = &l->json;
    char stop[CELL_ROOM];

    stop_of(p, stop);
    json_begin_object(w);
    json_key(w, "name");
    json_cstring(w, p->name);
    json_key(w, "family");
    json_cstring(w, profile_builtin_name(e->head));
    json_key(w, "description");
    json_cstring(w, p->description);
    json_key(w, "hosts");
    json_uint(w, p->hosts);
    json_key(w, "pools");
    json_uint(w, p->pools);
    json_key(w, "explorer");
    json_bool(w, p->with_explorer);
    json_key(w, "slots");
    json_double(w, slots_of(p));
    json_key(w, "slot_s");
    json_double(w, p->slot_s);
    json_key(w, "tps");
    if (p->loaded)
        json_double(w, p->tps);
    else
        json_none(w);
    json_key(w, "stop");
    json_cstring(w, stop);
    json_end(w);
}

/* ---- the list ---- */

/* A pattern without wildcards is a part of the name. */
static bool is_wanted(const struct listing *l, const struct entry *e)
{
    const char *name = profile_builtin_name(e->number);

    if (!l->pattern)
        return l->all || l->as_json || e->number == e->head;
    return strpbrk(l->pattern, "*?[") ? fnmatch(l->pattern, name, 0) == 0
                                      : strstr(name, l->pattern) != NULL;
}

static enum ou_status add_entry(struct listing *l, const struct entry *e, struct ou_error *err)
{
    struct profile p = { 0 };
    enum ou_status status;

    if (!is_wanted(l, e)) {
        l->hidden++;
        return OU_OK;
    }
    status = profile_load(profile_builtin_name(e->number), NULL, 0, &p, err);
    if (status)
        return status;
    if (l->as_json)
        add_json(l, e, &p);
    else
        add_row(l, e, &p);
    l->shown++;
    profile_release(&p);
    return OU_OK;
}

static void add_titles(struct listing *l)
{
    columns_add(&l->columns, "PROFILE");
    columns_add(&l->columns, "NODES/POOLS");
    columns_add(&l->columns, "SLOTS");
    columns_add(&l->columns, "TPS");
    columns_add(&l->columns, "STOPS AT");
    if (!l->all)
        columns_add(&l->columns, "MORE");
    columns_add(&l->columns, "WHAT");
}

static enum ou_status add_all(struct listing *l, struct buffer *out, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (!collect(l))
        return ou_fail(err, OU_NO_MEMORY, "no memory for the names of profiles");
    json_writer_init(&l->json, out, true);
    if (l->as_json)
        json_begin_array(&l->json);
    else
        add_titles(l);
    for (size_t i = 0; !status && i < l->count; i++)
        status = add_entry(l, &l->entries[i], err);
    if (status)
        return status;
    if (!l->as_json)
        return columns_write(&l->columns, out, err);
    json_end(&l->json);
    buffer_char(out, '\n');
    return OU_OK;
}

static void tell_hidden(const struct listing *l)
{
    struct ou_error text = { 0 };

    ou_fail(&text, OU_OK,
            "%zu more are variants of these: `ouroscope profile list --all`, or a part of a name",
            l->hidden);
    say(l->options->command, text.text);
}

enum exit_code cmd_profile_list(const struct parsed_options *options)
{
    struct listing l = { .options = options,
                         .pattern = options->operand_count ? options->operands[0] : NULL,
                         .all = option_given(options, PROFILE_LIST_ALL) || options->operand_count,
                         .as_json = option_given(options, PROFILE_LIST_JSON) };
    struct ou_error err = { 0 };
    enum exit_code code;
    enum ou_status status;
    struct buffer out;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    columns_init(&l.columns, l.all ? 6 : 7, l.all ? 0x0c : 0x2c,
                 terminal_is(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    status = add_all(&l, &out, &err);
    if (!status && l.pattern && l.shown == 0)
        status = ou_fail(&err, OU_NOT_FOUND, "no built-in profile has a name like '%s'", l.pattern);
    code = status ? profile_command_failed(options, status, &err) : profile_put(options, &out);
    if (code == EXIT_DONE && l.hidden && !l.pattern && !l.as_json)
        tell_hidden(&l);
    columns_release(&l.columns);
    buffer_release(&out);
    free(l.entries);
    return code;
}
