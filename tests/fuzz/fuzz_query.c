/* Any bytes as a query, asked of a small history once and over time. What is taken is answered
 * within its bounds, twice alike; what is refused is refused with a reason. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "collect/history_source.h"
#include "guarded.h"

#define T0_MS INT64_C(1774153200000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(struct history *h, const char *name, const char *node, int i, double value)
{
    MUST(history_put(h, name, node, T0_MS + i * 5000, value) == OU_OK);
}

/* Three nodes: a counter that is reset, a gauge, one that stops, and what is no number. */
static struct history *small_history(void)
{
    static const char *const nodes[] = { "node-1", "node-2", "" };
    struct history *h = history_new(UINT64_C(1) << 40, 1 << 22);

    MUST(h);
    for (int i = 0; i < 200; i++)
        for (int n = 0; n < 3; n++) {
            put(h, "a", nodes[n], i, i % 70 * (n + 1));
            put(h, "b", nodes[n], i, i * 0.1 - n);
            if (i < 90)
                put(h, "c", nodes[n], i, n == 1 ? 1.0 / 0.0 : n == 2 ? 0.0 / 0.0 : -0.0);
        }
    return h;
}

static void check_rows(const struct query_result *r, const struct query_times *times)
{
    for (size_t i = 0; i < r->count; i++) {
        const struct query_row *row = &r->rows[i];

        MUST(row->count > 0);
        for (size_t j = 0; j < row->count; j++) {
            MUST(row->points[j].at_ms <= times->end_ms || r->type == QUERY_MATRIX);
            MUST(j == 0 || row->points[j].at_ms > row->points[j - 1].at_ms);
        }
        MUST(times->is_range || r->type == QUERY_MATRIX || row->count == 1);
    }
    MUST(r->type != QUERY_STRING || (r->string && r->count == 0));
    MUST(r->type != QUERY_SCALAR || r->count == 1);
}

static void ask(const struct query_source *source, const struct query_node *query,
                const struct query_times *times)
{
    struct query_result first, again;
    struct ou_error err = { 0 };
    struct arena memory, second;
    enum query_fault fault;

    arena_init(&memory, allocator_libc(), QUERY_MEMORY_MAX);
    arena_init(&second, allocator_libc(), QUERY_MEMORY_MAX);
    fault = query_evaluate(&memory, query, source, times, &first, &err);
    if (fault) {
        MUST(err.text[0]);
    } else {
        check_rows(&first, times);
        MUST(query_evaluate(&second, query, source, times, &again, &err) == QUERY_FINE);
        MUST(first.count == again.count);
        for (size_t i = 0; i < first.count; i++)
            MUST(first.rows[i].count == again.rows[i].count &&
                 memcmp(first.rows[i].points, again.rows[i].points,
                        first.rows[i].count * sizeof(struct query_point)) == 0);
    }
    arena_release(&memory);
    arena_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct query_times once = { T0_MS + 600000, T0_MS + 600000,   1,
                                             false,          QUERY_TIMEOUT_NS, 0 };
    static const struct query_times range = { T0_MS - 10000, T0_MS + 1300000,  33000,
                                              true,          QUERY_TIMEOUT_NS, 0 };
    static struct history *h;
    static struct history_source source;
    const struct query_node *query = NULL;
    struct ou_error err = { 0 };
    struct arena memory;
    char *text = malloc(size ? size : 1);

    MUST(text);
    if (size)
        memcpy(text, data, size);
    if (!h)
        h = small_history();
    history_source(&source, h);
    arena_init(&memory, allocator_libc(), QUERY_MEMORY_MAX);
    if (query_parse(&memory, (struct span){ text, size }, &query, &err)) {
        MUST(err.text[0] >= '1' && err.text[0] <= '9' && !query);
    } else {
        ask(&source.base, query, &once);
        ask(&source.base, query, &range);
    }
    arena_release(&memory);
    free(text);
    return 0;
}
