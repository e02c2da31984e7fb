#include "collect/metric_store.h"

#include <math.h>
#include <stdlib.h>

struct metric_store *metric_store_new(void)
{
    struct metric_store *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->names = malloc(sizeof *s->names);
    if (!s->names) {
        free(s);
        return NULL;
    }
    intern_init(s->names, allocator_libc(), METRIC_STORE_MAX,
                (size_t)METRIC_STORE_MAX * METRIC_STORE_NAME_MAX);
    return s;
}

void metric_store_free(struct metric_store *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        free(s->at[i]->text);
        free(s->at[i]);
    }
    alloc_free(allocator_libc(), s->at, s->cap * sizeof(struct node_metric *));
    intern_release(s->names);
    free(s->names);
    free(s);
}

const struct node_metric *metric_store_find(const struct metric_store *s, const char *name)
{
    uint32_t number;

    return intern_find(s->names, span_of(name), &number) ? s->at[number] : NULL;
}

/* --- Labels ---------------------------------------------------------------------------------- */

/* A whole decimal number, as nodes write doubles: "0.05", "1.5e-3". Not "inf", "0x10", " 1". */
static bool decimal(const char *text, double *ret)
{
    char *end;
    double value;

    if (!*text || text[strspn(text, "0123456789+-.eE")])
        return false;
    value = strtod(text, &end);
    if (*end || !isfinite(value))
        return false;
    *ret = value;
    return true;
}

/* What is kept of a label: no half characters, and nothing behind a NUL. */
static size_t kept_bytes(struct span text)
{
    size_t len = text.at ? strnlen(text.at, text.len) : 0;

    if (len > METRIC_STORE_TEXT_MAX)
        for (len = METRIC_STORE_TEXT_MAX; len && (text.at[len] & 0xc0) == 0x80;)
            len--;
    return len;
}

static enum ou_status set_text(struct node_metric *m, struct span text)
{
    size_t len = kept_bytes(text);

    if (!m->text || len + 1 > m->text_room) {
        char *room = realloc(m->text, len + 1);

        if (!room)
            return OU_NO_MEMORY;
        m->text = room;
        m->text_room = len + 1;
    }
    if (text.at)
        memcpy(m->text, text.at, len);
    m->text[len] = '\0';
    m->is_number = decimal(m->text, &m->number);
    return OU_OK;
}

/* --- Replies --------------------------------------------------------------------------------- */

static bool is_name(struct span name)
{
    return name.len && name.len <= METRIC_STORE_NAME_MAX && !memchr(name.at, '\0', name.len);
}

static struct node_metric *metric_new(enum ekg_kind kind)
{
    struct node_metric *m = calloc(1, sizeof *m);

    if (!m)
        return NULL;
    m->kind = kind;
    if (kind == EKG_LABEL && set_text(m, (struct span){ 0 })) {
        free(m);
        return NULL;
    }
    return m;
}

/* A metric that is seen for the first time. */
static enum ou_status add(struct metric_store *s, const struct ekg_metric *from)
{
    void *at = s->at;
    struct node_metric *m;
    enum ou_status status;
    uint32_t number;

    if (!array_reserve(allocator_libc(), &at, &s->cap, s->count + 1, sizeof(struct node_metric *),
                       METRIC_STORE_MAX))
        return OU_NO_MEMORY;
    s->at = at;
    m = metric_new(from->kind);
    if (!m)
        return OU_NO_MEMORY;
    status = intern_put(s->names, from->name, &number, NULL);
    if (status) {
        free(m->text);
        free(m);
        return status;
    }
    m->name = intern_text(s->names, number).at;
    s->at[s->count++] = m;
    return OU_OK;
}

/* The metric that is to be set; NULL with OU_OK: refused. */
static enum ou_status take_metric(struct metric_store *s, const struct ekg_metric *from,
                                  struct node_metric **ret)
{
    enum ou_status status = OU_OK;
    uint32_t number;

    *ret = NULL;
    if (!is_name(from->name))
        return OU_OK;
    if (intern_find(s->names, from->name, &number)) {
        *ret = s->at[number]->kind == from->kind ? s->at[number] : NULL;
    } else if (s->count < METRIC_STORE_MAX) {
        status = add(s, from);
        *ret = status ? NULL : s->at[s->count - 1];
    }
    return status;
}

static enum ou_status set(struct node_metric *m, const struct ekg_metric *from)
{
    if (m->kind == EKG_LABEL)
        return set_text(m, from->text);
    if (m->kind == EKG_GAUGE || from->value > m->value)
        m->value = from->value;
    m->is_number = true;
    m->number = (double)m->value;
    return OU_OK;
}

enum ou_status metric_store_take(struct metric_store *s, struct ekg_list metrics, int64_t now_ns,
                                 struct ou_error *err)
{
    struct ekg_metric from;

    while (ekg_metrics_next(&metrics, &from)) {
        struct node_metric *m;
        enum ou_status status = take_metric(s, &from, &m);

        if (!status && m)
            status = set(m, &from);
        else if (!status)
            s->refused++;
        if (status)
            return ou_fail(err, status, "metrics: no memory for another one");
    }
    if (!cbor_ok(&metrics.at))
        return ou_fail(err, OU_INVALID, "metrics: %s", metrics.at.why);
    s->updated_ns = now_ns;
    return OU_OK;
}
