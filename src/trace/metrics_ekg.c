#include "trace/metrics_ekg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "trace/metrics.h"
#include "trace/metrics_table.h"

#define PREFIX_MAX 1024
#define STORE_NAME_MAX (PREFIX_MAX + METRIC_SHOWN_MAX)

/* Above what METRICS_MAX metrics come to. */
#define ITEMS_MAX ((size_t)16 << 20)

struct metrics_told {
    struct told_value {
        bool known;
        uint64_t value; /* its bits; of labels the version */
    } values[METRICS_MAX];
    struct buffer items; /* of the response that is being made */
    size_t count;
    char prefix[PREFIX_MAX + 1];
};

struct metrics_told *metrics_told_new(void)
{
    struct metrics_told *told = calloc(1, sizeof *told);

    if (told)
        buffer_init(&told->items, allocator_libc(), ITEMS_MAX);
    return told;
}

void metrics_told_free(struct metrics_told *told)
{
    if (told)
        buffer_release(&told->items);
    free(told);
}

void metrics_told_nothing(struct metrics_told *told)
{
    memset(told->values, 0, sizeof told->values);
}

/* --- One metric ----------------------------------------------------------------------- */

static uint64_t value_of(const struct metric *m)
{
    if (m->kind == OU_LABEL)
        return atomic_load_explicit(&m->labels->version, memory_order_acquire);
    return atomic_load_explicit(&m->bits, memory_order_relaxed);
}

static struct span real_text(uint64_t bits, struct buffer *room)
{
    double real;

    memcpy(&real, &bits, sizeof real);
    metric_put_real(real, room);
    return (struct span){ room->at, room->len };
}

/* The value that goes with `bits`; labels, and they alone, are read anew. */
static struct ekg_metric item_of(const struct metric *m, uint64_t bits, struct buffer *room,
                                 char labels[METRIC_LABELS_MAX])
{
    struct ekg_metric item = { .kind = EKG_LABEL };

    switch (m->kind) {
    case OU_GAUGE:
        item.kind = EKG_GAUGE;
        item.value = (int64_t)bits;
        break;
    case OU_COUNTER:
        item.kind = EKG_COUNTER;
        item.value = bits > INT64_MAX ? INT64_MAX : (int64_t)bits;
        break;
    case OU_REAL: item.text = real_text(bits, room); break;
    case OU_LABEL: item.text = (struct span){ labels, metric_labels_get(m, labels) }; break;
    }
    return item;
}

static void append(struct metrics_told *told, const struct metric *m)
{
    char name[STORE_NAME_MAX + 1], labels[METRIC_LABELS_MAX];
    struct told_value *before = &told->values[m->index];
    uint64_t value = value_of(m);
    struct ekg_metric item;
    struct buffer room;

    buffer_init(&room, allocator_libc(), METRIC_LABELS_MAX);
    item = item_of(m, value, &room, labels);
    item.name = (struct span){ name, (size_t)snprintf(name, sizeof name, "%s%s%s", told->prefix,
                                                      m->name, metric_suffix(m->kind)) };
    /* Labels without a text are being set for the first time; a name may be any bytes. */
    if ((m->kind != OU_LABEL || item.text.len > 0) && utf8_is_valid(item.name)) {
        ekg_metric_write(&told->items, &item);
        *before = (struct told_value){ true, value };
        told->count++;
    }
    buffer_release(&room);
}

/* --- Which ones ----------------------------------------------------------------------- */

static void append_all(struct metrics_told *told, bool changed_alone)
{
    const struct metric *m;

    for (unsigned i = 0; (m = metric_table_at(i)); i++) {
        const struct told_value *before = &told->values[i];

        if (!changed_alone || !before->known || before->value != value_of(m))
            append(told, m);
    }
}

/* The metric whose name in the store this is: without prefix, and without what its kind adds. */
static const struct metric *find(const char *prefix, struct span name)
{
    char bare[METRIC_NAME_MAX + 1];

    if (!span_starts(name, prefix))
        return NULL;
    name = (struct span){ name.at + strlen(prefix), name.len - strlen(prefix) };
    for (enum ou_metric_kind kind = OU_GAUGE; kind <= OU_LABEL; kind++) {
        size_t suffix = strlen(metric_suffix(kind));
        const struct metric *m;

        if (!span_ends(name, metric_suffix(kind)) || name.len - suffix > METRIC_NAME_MAX)
            continue;
        memcpy(bare, name.at, name.len - suffix);
        bare[name.len - suffix] = '\0';
        m = metric_table_find(bare);
        if (m && m->kind == kind)
            return m;
    }
    return NULL;
}

/* Once, however often it is asked for: a request must not make a response that is far larger. */
static void append_named(struct metrics_told *told, struct ekg_list names)
{
    bool asked[METRICS_MAX] = { false };
    struct span name;

    while (ekg_names_next(&names, &name)) {
        const struct metric *m = find(told->prefix, name);

        if (m && !asked[m->index])
            append(told, m);
        if (m)
            asked[m->index] = true;
    }
}

static bool read_prefix(struct metrics_told *told)
{
    char *prefix = metric_table_prefix();
    bool fits = prefix && strlen(prefix) <= PREFIX_MAX;

    if (fits)
        memcpy(told->prefix, prefix, strlen(prefix) + 1);
    free(prefix);
    return fits;
}

void metrics_respond(struct metrics_told *told, enum ekg_wanted wanted, struct ekg_list names,
                     struct buffer *out)
{
    buffer_clear(&told->items);
    told->count = 0;
    if (read_prefix(told)) {
        if (wanted == EKG_NAMED)
            append_named(told, names);
        else
            append_all(told, wanted == EKG_UPDATED);
    }
    ekg_response_open(out, told->count);
    buffer_append(out, told->items.at, told->items.len);
    ekg_response_close(out, told->count);
    if (buffer_status(&told->items))
        out->status = buffer_status(&told->items);
}
