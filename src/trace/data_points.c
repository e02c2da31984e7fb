#include "trace/data_points.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/utf8.h"
#include "trace/json_value.h"

static struct {
    pthread_mutex_t lock;
    struct data_point {
        char *name, *json;
        bool own; /* filed by the library */
    } items[DATA_POINTS_MAX];
    size_t count;
} points = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct data_point *find(struct span name)
{
    for (size_t i = 0; i < points.count; i++)
        if (span_is(name, points.items[i].name))
            return &points.items[i];
    return NULL;
}

static void drop(struct data_point *p)
{
    free(p->name);
    free(p->json);
    *p = points.items[--points.count];
}

static enum ou_status add(const char *name, struct data_point **ret, struct ou_error *err)
{
    struct data_point *p = &points.items[points.count];

    if (points.count == DATA_POINTS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "there are %d data points already", DATA_POINTS_MAX);
    *p = (struct data_point){ .name = strdup(name) };
    if (!p->name)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the data point %s", name);
    points.count++;
    *ret = p;
    return OU_OK;
}

/* Takes json over, in any case. Under the lock. */
static enum ou_status file(const char *name, char *json, bool own, struct ou_error *err)
{
    struct data_point *p = find(span_of(name));
    enum ou_status status = OU_OK;

    if (!json) {
        if (p)
            drop(p);
        return OU_OK;
    }
    if (!p)
        status = add(name, &p, err);
    if (status) {
        free(json);
        return status;
    }
    free(p->json);
    p->json = json;
    p->own = own;
    return OU_OK;
}

/* Without blanks, and as UTF-8. */
static enum ou_status tidy(const char *json, char **ret, struct ou_error *err)
{
    struct span text = { json, strnlen(json, DATA_POINT_JSON_MAX + 1) };
    struct buffer out;

    if (text.len > DATA_POINT_JSON_MAX)
        return ou_fail(err, OU_TOO_LARGE, "a data point is above %d bytes", DATA_POINT_JSON_MAX);
    if (!json_value_is(text))
        return ou_fail(err, OU_INVALID, "a data point must be JSON, not %.40s", json);
    buffer_init(&out, allocator_libc(), (size_t)8 * DATA_POINT_JSON_MAX);
    json_value_append(&out, text);
    if (buffer_status(&out)) {
        buffer_release(&out);
        return ou_fail(err, OU_NO_MEMORY, "no memory for a data point");
    }
    *ret = out.at; /* the libc allocator's memory is malloc's */
    return OU_OK;
}

static enum ou_status check_name(const char *name, struct ou_error *err)
{
    struct span text = { name, name ? strnlen(name, DATA_POINT_NAME_MAX + 1) : 0 };

    if (text.len > DATA_POINT_NAME_MAX)
        return ou_fail(err, OU_TOO_LARGE, "the name of a data point is above %d bytes",
                       DATA_POINT_NAME_MAX);
    if (text.len == 0 || !utf8_is_valid(text))
        return ou_fail(err, OU_INVALID, "the name of a data point is %s",
                       text.len == 0 ? "empty" : "no UTF-8");
    return OU_OK;
}

enum ou_status ou_data_point_set(const char *name, const char *json, struct ou_error *err)
{
    char *tidied = NULL;
    enum ou_status status = check_name(name, err);

    if (!status && json)
        status = tidy(json, &tidied, err);
    if (status)
        return status;
    pthread_mutex_lock(&points.lock);
    status = file(name, tidied, false, err);
    pthread_mutex_unlock(&points.lock);
    return status;
}

void data_points_own(const char *name, const char *json)
{
    const struct data_point *there;
    char *copy = json ? strdup(json) : NULL;

    if (json && !copy)
        return;
    pthread_mutex_lock(&points.lock);
    there = find(span_of(name));
    if (there && !there->own)
        free(copy);
    else
        file(name, copy, true, NULL);
    pthread_mutex_unlock(&points.lock);
}

bool data_points_get(struct span name, struct buffer *out)
{
    const struct data_point *p;

    pthread_mutex_lock(&points.lock);
    p = find(name);
    if (p)
        buffer_text(out, p->json);
    pthread_mutex_unlock(&points.lock);
    return p != NULL;
}

void data_points_fork_prepare(void)
{
    pthread_mutex_lock(&points.lock);
}

void data_points_fork_done(void)
{
    pthread_mutex_unlock(&points.lock);
}
