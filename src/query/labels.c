#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/hash_seed.h"
#include "query/inside.h"

static const char *const name_alone[] = { QUERY_NAME_LABEL };

const struct query_names query_all_names = { .others = true };
const struct query_names query_no_name = { .others = true, .at = name_alone, .count = 1 };

const char *query_label_value(struct query_labels labels, const char *name)
{
    for (size_t i = 0; i < labels.count; i++)
        if (strcmp(labels.at[i].name, name) == 0)
            return labels.at[i].value;
    return "";
}

static int by_text(const void *name, const void *element)
{
    return strcmp(name, *(const char *const *)element);
}

bool query_names_have(const struct query_names *names, const char *name)
{
    bool listed = names->count > 0 &&
                  bsearch(name, names->at, names->count, sizeof(*names->at), by_text) != NULL;

    return listed != names->others;
}

bool query_labels_keep(struct query_run *r, struct query_labels *labels,
                       const struct query_names *names)
{
    size_t first = 0, kept = 0;
    struct query_label *at;

    if (labels->count == 0)
        return true;
    while (first < labels->count && !query_names_have(names, labels->at[first].name))
        first++;
    while (first + kept < labels->count && query_names_have(names, labels->at[first + kept].name))
        kept++;
    if (first + kept == labels->count) { /* those in front go: as when the name is the first */
        *labels = (struct query_labels){ labels->at + first, kept };
        return true;
    }
    at = query_take(r, labels->count - first, sizeof(*at));
    if (!at)
        return false;
    kept = 0;
    for (size_t i = first; i < labels->count; i++)
        if (query_names_have(names, labels->at[i].name))
            at[kept++] = labels->at[i];
    *labels = (struct query_labels){ at, kept };
    return true;
}

bool query_labels_set(struct query_run *r, struct query_labels *labels, const char *name,
                      const char *value)
{
    struct query_label *at = query_take(r, labels->count + 1, sizeof(*at));
    size_t count = 0, i = 0;

    if (!at)
        return false;
    while (i < labels->count && strcmp(labels->at[i].name, name) < 0)
        at[count++] = labels->at[i++];
    if (*value)
        at[count++] = (struct query_label){ name, value };
    if (i < labels->count && strcmp(labels->at[i].name, name) == 0)
        i++;
    while (i < labels->count)
        at[count++] = labels->at[i++];
    *labels = (struct query_labels){ at, count };
    return true;
}

static int text_order(const char *a, const char *b)
{
    return a == b ? 0 : strcmp(a, b);
}

static int label_order(const struct query_label *a, const struct query_label *b)
{
    int by_name = text_order(a->name, b->name);

    return by_name ? by_name : text_order(a->value, b->value);
}

int query_labels_order(struct query_labels a, struct query_labels b)
{
    for (size_t i = 0; i < a.count && i < b.count; i++) {
        int order = label_order(&a.at[i], &b.at[i]);

        if (order)
            return order;
    }
    return (a.count > b.count) - (a.count < b.count);
}

void query_labels_format(struct query_labels labels, const struct query_names *names,
                         char ret[QUERY_LABELS_ROOM])
{
    size_t len = 1;

    snprintf(ret, QUERY_LABELS_ROOM, "{");
    for (size_t i = 0; i < labels.count && len < QUERY_LABELS_ROOM - 2; i++)
        if (query_names_have(names, labels.at[i].name))
            len += (size_t)snprintf(ret + len, QUERY_LABELS_ROOM - 1 - len, "%s%.64s=\"%.128s\"",
                                    len > 1 ? ", " : "", labels.at[i].name, labels.at[i].value);
    if (len > QUERY_LABELS_ROOM - 2)
        len = QUERY_LABELS_ROOM - 2;
    snprintf(ret + len, QUERY_LABELS_ROOM - len, "}");
}

/* --- Groups ------------------------------------------------------------------------------- */

/* The next label from i on that is in the set; labels.count behind the last. */
static size_t next_kept(struct query_labels labels, size_t i, const struct query_names *names)
{
    while (i < labels.count && !query_names_have(names, labels.at[i].name))
        i++;
    return i;
}

static bool agree(struct query_labels a, struct query_labels b, const struct query_names *names)
{
    size_t i = next_kept(a, 0, names), j = next_kept(b, 0, names);

    while (i < a.count && j < b.count && label_order(&a.at[i], &b.at[j]) == 0) {
        i = next_kept(a, i + 1, names);
        j = next_kept(b, j + 1, names);
    }
    return i == a.count && j == b.count;
}

static uint64_t hash_of(struct query_labels labels, const struct query_names *names)
{
    uint64_t hash = hash_seed();

    for (size_t i = next_kept(labels, 0, names); i < labels.count;
         i = next_kept(labels, i + 1, names)) {
        hash = XXH3_64bits_withSeed(labels.at[i].name, strlen(labels.at[i].name), hash);
        hash = XXH3_64bits_withSeed(labels.at[i].value, strlen(labels.at[i].value), hash);
    }
    return hash;
}

/* A table by hash: the first line of each group + 1. */
bool query_number(struct query_run *r, const struct query_line *lines, size_t count,
                  const struct query_names *names, uint32_t *ret, uint32_t *ret_groups)
{
    size_t slots = 16;
    uint32_t *table;

    while (slots < 2 * count)
        slots *= 2;
    *ret_groups = 0;
    table = query_take(r, slots, sizeof(*table));
    if (!table || !query_work(r, slots / 8 + count))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t slot = hash_of(lines[i].labels, names) & (slots - 1);

        while (table[slot] && !agree(lines[table[slot] - 1].labels, lines[i].labels, names))
            slot = (slot + 1) & (slots - 1);
        if (table[slot]) {
            ret[i] = ret[table[slot] - 1];
        } else {
            ret[i] = (*ret_groups)++;
            table[slot] = (uint32_t)i + 1;
        }
    }
    return true;
}

static bool refuse_double(struct query_run *r)
{
    return query_fail(r, QUERY_EXECUTION, "vector cannot contain metrics with the same labelset");
}

/* The values of one line into another that has none at these steps. */
static bool join(struct query_run *r, double *into, const double *from, bool strict)
{
    if (strict)
        return refuse_double(r);
    for (size_t k = 0; k < r->steps; k++)
        if (!query_is_absent(from[k])) {
            if (!query_is_absent(into[k]))
                return refuse_double(r);
            into[k] = from[k];
        }
    return query_work(r, r->steps);
}

bool query_merge(struct query_run *r, struct query_value *value, bool strict)
{
    uint32_t *group = query_take(r, value->count, sizeof(*group)), groups;

    if (!group || !query_number(r, value->lines, value->count, &query_all_names, group, &groups))
        return false;
    if (groups == value->count)
        return true;
    /* Groups are numbered by their first line, so line number `groups` is free when it is
     * needed. */
    for (size_t i = 0, made = 0; i < value->count; i++)
        if (group[i] == made)
            value->lines[made++] = value->lines[i];
        else if (!join(r, value->lines[group[i]].values, value->lines[i].values, strict))
            return false;
    value->count = groups;
    return true;
}
