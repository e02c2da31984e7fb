#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "base/hash_seed.h"
#include "collect/query_inside.h"

struct query_labels query_labels_of(struct query_labels labels, unsigned set)
{
    if (!(set & LABEL_NAME))
        labels.name = NULL;
    if (!(set & LABEL_NODE))
        labels.node_name = NULL;
    return labels;
}

/* A label that is not there stands before all others. */
static int order(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return a == b ? 0 : strcmp(a, b);
}

int query_labels_order(struct query_labels a, struct query_labels b)
{
    int by_name = order(a.name, b.name);

    return by_name ? by_name : order(a.node_name, b.node_name);
}

bool query_labels_equal(struct query_labels a, struct query_labels b)
{
    return query_labels_order(a, b) == 0;
}

void query_labels_format(struct query_labels labels, char ret[QUERY_LABELS_ROOM])
{
    snprintf(ret, QUERY_LABELS_ROOM, "{%s%.128s%s%s%s%.128s%s}", labels.name ? "__name__=\"" : "",
             labels.name ? labels.name : "", labels.name ? "\"" : "",
             labels.name && labels.node_name ? ", " : "", labels.node_name ? "node_name=\"" : "",
             labels.node_name ? labels.node_name : "", labels.node_name ? "\"" : "");
}

static uint64_t hash_of(struct query_labels labels)
{
    uint64_t seed = hash_seed();

    if (labels.name)
        seed = XXH3_64bits_withSeed(labels.name, strlen(labels.name), seed);
    seed ^= labels.name != NULL;
    return labels.node_name ? XXH3_64bits_withSeed(labels.node_name, strlen(labels.node_name), seed)
                            : seed;
}

/* A table by hash: the first line of each group + 1. */
bool query_number(struct query_run *r, const struct query_line *lines, size_t count, unsigned set,
                  uint32_t *ret, uint32_t *ret_groups)
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
        struct query_labels labels = query_labels_of(lines[i].labels, set);
        size_t slot = hash_of(labels) & (slots - 1);

        while (table[slot] &&
               !query_labels_equal(query_labels_of(lines[table[slot] - 1].labels, set), labels))
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

    if (!group || !query_number(r, value->lines, value->count, LABEL_ALL, group, &groups))
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
