#include "trace/points.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "trace/registry.h"

static const char *const severity_names[] = {
    "Debug", "Info", "Notice", "Warning", "Error", "Critical", "Alert", "Emergency", "Silence",
};
static const char *const detail_names[] = { "DMinimal", "DNormal", "DDetailed", "DMaximum" };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

const char *severity_name(enum ou_severity severity)
{
    return severity_names[severity];
}

const char *detail_name(enum ou_detail detail)
{
    return detail_names[detail < COUNT(detail_names) ? detail : OU_DMAXIMUM];
}

bool severity_parse(const char *name, enum ou_severity *ret)
{
    for (size_t i = 0; i < COUNT(severity_names); i++)
        if (strcmp(name, severity_names[i]) == 0) {
            *ret = (enum ou_severity)i;
            return true;
        }
    return false;
}

bool detail_parse(const char *name, enum ou_detail *ret)
{
    for (size_t i = 0; i < COUNT(detail_names); i++)
        if (strcmp(name, detail_names[i]) == 0) {
            *ret = (enum ou_detail)i;
            return true;
        }
    return false;
}

/* --- The registry ---------------------------------------------------------- */

/* Points by name; guarded by the lock. It is malloc's memory and not an
 * allocator's: programs register before main() runs. */
static struct {
    pthread_mutex_t lock;
    struct ou_point **items;
    size_t count, cap;
    unsigned refused; /* for want of memory */
    void (*added)(void);
    void (*removing)(struct ou_point *const *points, size_t count);
} points = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Where a point stands, or would: behind all of lower name, and of its own. */
static size_t place_of(const struct ou_point *point, bool *ret_there)
{
    size_t low = 0, high = points.count;

    *ret_there = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(points.items[middle]->ns, point->ns) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < points.count && strcmp(points.items[low]->ns, point->ns) == 0; low++)
        if (points.items[low] == point) {
            *ret_there = true;
            break;
        }
    return low;
}

static void insert(struct ou_point *point)
{
    bool there;
    size_t at = place_of(point, &there);

    if (there)
        return;
    if (points.count == points.cap) {
        size_t cap = points.cap ? 2 * points.cap : 128;
        struct ou_point **items = realloc(points.items, cap * sizeof(struct ou_point *));

        if (!items) {
            points.refused++;
            return;
        }
        points.items = items;
        points.cap = cap;
    }
    memmove(points.items + at + 1, points.items + at,
            (points.count - at) * sizeof(struct ou_point *));
    points.items[at] = point;
    points.count++;
}

void ou_points_register(struct ou_point *const *from, struct ou_point *const *to)
{
    void (*added)(void);

    pthread_mutex_lock(&points.lock);
    for (; from < to; from++)
        if (*from && (*from)->ns)
            insert(*from);
    added = points.added;
    pthread_mutex_unlock(&points.lock);
    if (added)
        added();
}

static void remove_point(const struct ou_point *point)
{
    bool there;
    size_t at = place_of(point, &there);

    if (!there)
        return;
    points.count--;
    memmove(points.items + at, points.items + at + 1,
            (points.count - at) * sizeof(struct ou_point *));
}

void ou_points_unregister(struct ou_point *const *from, struct ou_point *const *to)
{
    void (*removing)(struct ou_point *const *, size_t);

    pthread_mutex_lock(&points.lock);
    for (struct ou_point *const *at = from; at < to; at++)
        if (*at && (*at)->ns)
            remove_point(*at);
    removing = points.removing;
    pthread_mutex_unlock(&points.lock);
    if (removing) /* writes their records, with no lock held; a start finds them no more */
        removing(from, (size_t)(to - from));
}

void points_watch(void (*added)(void),
                  void (*removing)(struct ou_point *const *points, size_t count))
{
    pthread_mutex_lock(&points.lock);
    points.added = added;
    points.removing = removing;
    pthread_mutex_unlock(&points.lock);
}

void points_fork_prepare(void)
{
    pthread_mutex_lock(&points.lock);
}

void points_fork_done(void)
{
    pthread_mutex_unlock(&points.lock);
}

void points_each(void (*each)(void *context, struct ou_point *point), void *context)
{
    pthread_mutex_lock(&points.lock);
    for (size_t i = 0; i < points.count; i++)
        each(context, points.items[i]);
    pthread_mutex_unlock(&points.lock);
}

bool points_know(const char *name)
{
    size_t len = strlen(name);
    bool known = len == 0;

    pthread_mutex_lock(&points.lock);
    for (size_t i = 0; i < points.count && !known; i++) {
        const char *ns = points.items[i]->ns;

        known = strncmp(ns, name, len) == 0 && (ns[len] == 0 || ns[len] == '.');
    }
    pthread_mutex_unlock(&points.lock);
    return known;
}

/* --- Faults of declarations --------------------------------------------------- */

static bool names_field(const struct ou_point *point, const char *name, size_t len)
{
    for (uint32_t i = 0; i < point->field_count; i++)
        if (strlen(point->fields[i].name) == len && strncmp(point->fields[i].name, name, len) == 0)
            return true;
    return false;
}

static void check_human(const struct ou_point *point, struct buffer *ret)
{
    const char *at = point->human;

    while (at && (at = strchr(at, '{'))) {
        size_t len = strcspn(at + 1, "}");

        if (at[1 + len] != '}' || !names_field(point, at + 1, len))
            buffer_printf(ret, "%s: the human form names {%.*s}, which is no field\n", point->ns,
                          (int)len, at + 1);
        at += 1 + len;
    }
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* One or two names with a dot between them; `kind` is the point's own. */
static bool is_path(const char *path)
{
    const char *dot = path ? strchr(path, '.') : NULL;

    if (!path || !*path || strcmp(path, "kind") == 0)
        return false;
    return !dot || (dot > path && dot[1] && !strchr(dot + 1, '.'));
}

static void check_fields(const struct ou_point *point, struct buffer *ret)
{
    if (point->field_count > OU_FIELDS_MAX)
        buffer_printf(ret, "%s: more than %d fields\n", point->ns, OU_FIELDS_MAX);
    for (uint32_t i = 0; i < point->field_count; i++) {
        const struct ou_field *f = &point->fields[i];

        if (!is_path(f->path))
            buffer_printf(ret, "%s: the field %s has no path of its own\n", point->ns, f->name);
        for (uint32_t j = 0; j < i && f->path; j++)
            if (f->detail != OU_HUMAN_ONLY && point->fields[j].detail != OU_HUMAN_ONLY &&
                same_text(f->path, point->fields[j].path))
                buffer_printf(ret, "%s: two fields have the path %s\n", point->ns, f->path);
    }
}

#define BIT(type) (1u << OU_TYPE_##type)

/* The types of field that feed each kind of metric; see metrics_feed(). */
static const unsigned feeding[] = {
    [OU_GAUGE] = BIT(u64) | BIT(i64) | BIT(digits) | BIT(boolean) | BIT(flag),
    [OU_REAL] = BIT(f64) | BIT(u64) | BIT(i64) | BIT(digits) | BIT(boolean) | BIT(flag),
    [OU_COUNTER] = BIT(u64) | BIT(i64) | BIT(digits) | BIT(boolean) | BIT(flag),
    [OU_LABEL] = BIT(text) | BIT(json) | BIT(hash) | BIT(parent) | BIT(txid),
};

static void check_metrics(const struct ou_point *point, struct buffer *ret)
{
    for (const struct ou_metric *m = point->metrics; m && m->name; m++) {
        if (m->kind == OU_COUNTER && m->field == -1)
            continue;
        if (m->field < 0 || m->field >= (int)point->field_count)
            buffer_printf(ret, "%s: the metric %s has no field\n", point->ns, m->name);
        else if (!(feeding[m->kind] & 1u << point->fields[m->field].type))
            buffer_printf(ret, "%s: the field %s cannot feed the metric %s\n", point->ns,
                          point->fields[m->field].name, m->name);
    }
}

/* Whether two points of one name come from one declaration: a header may be
 * part of the program and of its shared libraries. */
static bool same_declaration(const struct ou_point *a, const struct ou_point *b)
{
    if (a->field_count != b->field_count || a->severity != b->severity ||
        !same_text(a->kind, b->kind))
        return false;
    for (uint32_t i = 0; i < a->field_count; i++)
        if (a->fields[i].type != b->fields[i].type ||
            !same_text(a->fields[i].path, b->fields[i].path))
            return false;
    return true;
}

void points_faults(struct buffer *ret)
{
    pthread_mutex_lock(&points.lock);
    if (points.refused)
        buffer_printf(ret, "%u trace points are missing: no memory\n", points.refused);
    for (size_t i = 0; i < points.count; i++) {
        const struct ou_point *point = points.items[i];

        if (!*point->ns)
            buffer_text(ret, "Empty inner namespace: a trace point without a name\n");
        if (i && strcmp(points.items[i - 1]->ns, point->ns) == 0 &&
            !same_declaration(points.items[i - 1], point))
            buffer_printf(ret, "System namespace error: Duplicate namespace %s\n", point->ns);
        check_fields(point, ret);
        check_human(point, ret);
        check_metrics(point, ret);
    }
    pthread_mutex_unlock(&points.lock);
}
