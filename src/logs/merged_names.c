#include "logs/merged_names.h"

#include <stdlib.h>

#include "logs/chunk.h"

#define NAMES_MAX (LOG_NAMES_MAX + KNOWN_NAMES_MAX)
#define TEXT_MAX (64u << 20)

void merged_names_init(struct merged_names *m)
{
    intern_init(&m->all, allocator_libc(), NAMES_MAX, TEXT_MAX);
}

void merged_names_release(struct merged_names *m)
{
    intern_release(&m->all);
    free(m->items);
    *m = (struct merged_names){ 0 };
}

bool merged_names_add(struct merged_names *m, struct span name, const struct ingested_name *more)
{
    bool is_known = more->event != EVENT_NONE, is_new;
    uint32_t id;

    if (!is_known && m->all.count >= LOG_NAMES_MAX && !intern_find(&m->all, name, &id)) {
        m->full = true;
        return false;
    }
    /* Room first: every number has its item, even when memory runs out in between. */
    if (!array_reserve(allocator_libc(), (void **)&m->items, &m->cap, m->all.count + 1,
                       sizeof(*m->items), NAMES_MAX + 1) ||
        intern_put(&m->all, name, &id, &is_new) != OU_OK)
        return false;
    if (is_new)
        m->items[id] = (struct ingested_name){ .event = EVENT_NONE };
    if (more->event < m->items[id].event) /* whichever thread read which lines */
        m->items[id].event = more->event;
    m->items[id].lines += more->lines;
    return true;
}

static int by_lines(const void *a_item, const void *b_item)
{
    const struct ingested_name *a = a_item, *b = b_item;

    if (a->lines != b->lines)
        return a->lines > b->lines ? -1 : 1;
    return strcmp(a->name, b->name);
}

bool merged_names_take(struct merged_names *m, struct ingest_result *result)
{
    result->names = m->items;
    result->names_full = m->full;
    m->items = NULL;
    for (uint32_t i = 0; i < m->all.count; i++) {
        struct span name = intern_text(&m->all, i);
        struct ingested_name *item = &result->names[result->name_count];

        *item = result->names[i];
        if (m->full && item->event == EVENT_NONE) {
            result->names_lost += item->lines;
            continue;
        }
        item->name = arena_copy(&result->memory, name.at, name.len);
        if (!item->name)
            return false;
        result->name_count++;
    }
    if (result->name_count)
        qsort(result->names, result->name_count, sizeof(*result->names), by_lines);
    return true;
}
