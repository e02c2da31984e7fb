#include "trace/metrics_table.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"
#include "trace/metrics.h"

/* Twice as many as there are metrics, so that probing is short; a power of two. */
#define SLOTS ((size_t)2 * METRICS_MAX)

/* Slots and items are written under the lock, each once, and read without it:
 * a slot with acquire (its partner is the release in add()), items up to count likewise. */
static struct {
    pthread_mutex_t lock;
    _Atomic(struct metric *) slots[SLOTS];
    struct metric *items[METRICS_MAX];
    _Atomic unsigned count;
    char *prefix; /* under the lock; NULL: none */
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* FNV-1a: names are short, and nobody who chooses them means harm. */
static size_t slot_of(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return (size_t)(hash ^ hash >> 32) % SLOTS;
}

/* The metric, or NULL and the free slot where it belongs. There always is one. */
static struct metric *find(const char *name, size_t *ret_slot)
{
    size_t slot = slot_of(name);
    struct metric *m;

    while ((m = atomic_load_explicit(&table.slots[slot], memory_order_acquire)) &&
           strcmp(m->name, name) != 0)
        slot = (slot + 1) % SLOTS;
    *ret_slot = slot;
    return m;
}

/* --- New metrics -------------------------------------------------------------- */

const char *metric_suffix(enum ou_metric_kind kind)
{
    switch (kind) {
    case OU_GAUGE: return "_int";
    case OU_REAL: return "_real";
    case OU_COUNTER: return "_counter";
    case OU_LABEL: break;
    }
    return "";
}

/* Without one kind at the end, be it its own or part of its name: so does the dispatcher. */
static size_t bare_bytes(struct span shown)
{
    for (enum ou_metric_kind kind = OU_GAUGE; kind < OU_LABEL; kind++)
        if (span_ends(shown, metric_suffix(kind)))
            return shown.len - strlen(metric_suffix(kind));
    return shown.len;
}

static void set_shown(struct metric *m)
{
    size_t len = metric_mangle(m->name, m->shown);
    const char *suffix = metric_suffix(m->kind);

    memcpy(m->shown + len, suffix, strlen(suffix) + 1);
    m->shown_bytes = (uint32_t)(len + strlen(suffix));
    m->bare_bytes = (uint32_t)bare_bytes((struct span){ m->shown, m->shown_bytes });
    for (unsigned i = 0; i < table.count; i++) {
        const struct metric *other = table.items[i];

        if (m->bare_bytes == other->bare_bytes &&
            memcmp(m->shown, other->shown, m->bare_bytes) == 0)
            m->bare_doubled = true;
        if (strcmp(m->shown, other->shown) == 0)
            m->shown_doubled = true;
    }
}

static void set_help(struct metric *m, const char *help)
{
    char *copy = strdup(help);

    if (copy)
        atomic_store_explicit(&m->help, copy, memory_order_release);
}

static void metric_free(struct metric *m)
{
    free((char *)atomic_load_explicit(&m->help, memory_order_relaxed));
    free(m->labels);
    free(m);
}

static struct metric *metric_new(const char *name, enum ou_metric_kind kind, uint64_t bits)
{
    struct metric *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->kind = kind;
    m->index = atomic_load_explicit(&table.count, memory_order_relaxed);
    atomic_init(&m->bits, bits);
    memcpy(m->name, name, strlen(name) + 1);
    if (kind == OU_LABEL && !(m->labels = calloc(1, sizeof *m->labels))) {
        metric_free(m);
        return NULL;
    }
    set_shown(m);
    return m;
}

/* Under the lock. */
static struct metric *add(const char *name, enum ou_metric_kind kind, uint64_t bits, size_t slot)
{
    unsigned count = atomic_load_explicit(&table.count, memory_order_relaxed);
    struct metric *m = count < METRICS_MAX ? metric_new(name, kind, bits) : NULL;

    if (!m)
        return NULL;
    table.items[count] = m;
    atomic_store_explicit(&table.count, count + 1, memory_order_release);
    atomic_store_explicit(&table.slots[slot], m, memory_order_release);
    return m;
}

struct metric *metric_table_take(const char *name, enum ou_metric_kind kind, uint64_t bits,
                                 const char *help)
{
    struct metric *m;
    size_t slot;

    if (!name || !*name || strnlen(name, METRIC_NAME_MAX + 1) > METRIC_NAME_MAX)
        return NULL;
    m = find(name, &slot);
    if (!m || (help && !atomic_load_explicit(&m->help, memory_order_relaxed))) {
        pthread_mutex_lock(&table.lock);
        m = find(name, &slot); /* another thread may have been first */
        if (!m)
            m = add(name, kind, bits, slot);
        if (m && help && !atomic_load_explicit(&m->help, memory_order_relaxed))
            set_help(m, help);
        pthread_mutex_unlock(&table.lock);
    }
    return m && m->kind == kind ? m : NULL;
}

const struct metric *metric_table_find(const char *name)
{
    size_t slot;

    return find(name, &slot);
}

const struct metric *metric_table_at(unsigned i)
{
    return i < atomic_load_explicit(&table.count, memory_order_acquire) ? table.items[i] : NULL;
}

void metrics_reset(void)
{
    pthread_mutex_lock(&table.lock);
    for (size_t i = 0; i < SLOTS; i++)
        atomic_store_explicit(&table.slots[i], NULL, memory_order_relaxed);
    for (unsigned i = 0; i < table.count; i++)
        metric_free(table.items[i]);
    atomic_store_explicit(&table.count, 0, memory_order_relaxed);
    free(table.prefix);
    table.prefix = NULL;
    pthread_mutex_unlock(&table.lock);
}

/* --- Labels --------------------------------------------------------------------- */

/* Each word is stored with release and loaded with acquire: who reads a word of a
 * newer text then also finds the version changed. (Fences would do the same with less, and
 * ThreadSanitizer does not know them.) */
void metric_labels_set(struct metric *m, const char *text, size_t len)
{
    struct metric_labels *l = m->labels;
    uint32_t version;

    pthread_mutex_lock(&table.lock);
    version = atomic_load_explicit(&l->version, memory_order_relaxed);
    atomic_store_explicit(&l->version, version + 1, memory_order_relaxed);
    for (size_t at = 0; at < len; at += 8) {
        uint64_t word = 0;

        memcpy(&word, text + at, len - at < 8 ? len - at : 8);
        atomic_store_explicit(&l->words[at / 8], word, memory_order_release);
    }
    atomic_store_explicit(&l->len, (uint32_t)len, memory_order_release);
    atomic_store_explicit(&l->version, version + 2, memory_order_release);
    pthread_mutex_unlock(&table.lock);
}

size_t metric_labels_get(const struct metric *m, char ret[METRIC_LABELS_MAX])
{
    const struct metric_labels *l = m->labels;

    for (;;) {
        uint32_t version = atomic_load_explicit(&l->version, memory_order_acquire);
        uint32_t len = atomic_load_explicit(&l->len, memory_order_acquire);

        for (size_t at = 0; at < len; at += 8) {
            uint64_t word = atomic_load_explicit(&l->words[at / 8], memory_order_acquire);

            memcpy(ret + at, &word, 8);
        }
        if (version % 2 == 0 && version == atomic_load_explicit(&l->version, memory_order_relaxed))
            return len;
        sched_yield();
    }
}

/* --- The prefix, and forks -------------------------------------------------------- */

enum ou_status metrics_set_prefix(const char *prefix)
{
    char *copy = strdup(prefix);

    if (!copy)
        return OU_NO_MEMORY;
    pthread_mutex_lock(&table.lock);
    free(table.prefix);
    table.prefix = copy;
    pthread_mutex_unlock(&table.lock);
    return OU_OK;
}

char *metric_table_prefix(void)
{
    char *copy;

    pthread_mutex_lock(&table.lock);
    copy = strdup(table.prefix ? table.prefix : "");
    pthread_mutex_unlock(&table.lock);
    return copy;
}

void metrics_fork_prepare(void)
{
    pthread_mutex_lock(&table.lock);
}

void metrics_fork_done(void)
{
    pthread_mutex_unlock(&table.lock);
}
