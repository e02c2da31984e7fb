/* The configuration against the points of this program. */
#include <ouroscope/trace.h>
#include <string.h>

#include "base/suggest.h"
#include "trace/config_read.h"
#include "trace/legacy_names.h"
#include "trace/points.h"

/* Above this many the names are listed without a nearest one, which takes time. */
#define ADVICE_MAX 50

struct nearest {
    struct suggestion s;
    char best[SUGGEST_LENGTH_MAX + 1];
    size_t distance;
};

static bool cut_last_segment(char *name)
{
    char *dot = strrchr(name, '.');

    if (dot)
        *dot = 0;
    return dot != NULL;
}

/* Considers a point's name and the prefixes of it. suggest.h keeps pointers, so
 * each name is compared alone, and the best one copied. */
static void consider_point(void *context, struct ou_point *point)
{
    struct nearest *n = context;
    char name[SUGGEST_LENGTH_MAX + 1] = { 0 };
    size_t len = strlen(point->ns);

    if (len == 0 || len >= sizeof(name))
        return;
    memcpy(name, point->ns, len + 1);
    do {
        n->s.best = NULL;
        n->s.distance = n->distance;
        suggest_consider(&n->s, name);
        if (n->s.best) {
            n->distance = n->s.distance;
            memcpy(n->best, name, sizeof(n->best));
        }
    } while (cut_last_segment(name));
}

/* A file is mostly that of a node, which has more messages than this program. */
void config_check_name(struct config_reading *r, const struct config_node *at, const char *ns)
{
    struct nearest n = { .best = "" };

    if (points_know(ns) || legacy_has_namespace(span_of(ns)))
        return;
    suggest_for(&n.s, span_of(ns));
    n.distance = n.s.distance;
    if (r->warnings.lines && r->warnings.count < ADVICE_MAX)
        points_each(consider_point, &n);
    config_warn(r, at, "Config namespace error: Illegal namespace %.200s%s%s%s", ns,
                *n.best ? "; did you mean " : "", n.best, *n.best ? "?" : "");
}

/* --- For programs -------------------------------------------------------------------- */

#define WARNINGS_BYTES_MAX ((size_t)1 << 20)

static void tell_lines(char *text, void (*told)(void *context, const char *warning), void *context)
{
    for (char *end; text && (end = strchr(text, '\n')); text = end + 1) {
        *end = 0;
        told(context, text);
    }
}

enum ou_status ou_trace_check(const char *path, void (*told)(void *context, const char *warning),
                              void *context, struct ou_error *err)
{
    struct buffer warnings;
    struct config *config = NULL;
    enum ou_status status = OU_OK;

    buffer_init(&warnings, allocator_libc(), WARNINGS_BYTES_MAX);
    points_faults(&warnings);
    if (path)
        status = config_load(path, &warnings, &config, err);
    if (!status && buffer_status(&warnings))
        status = ou_fail(err, buffer_status(&warnings), "check the configuration: %s",
                         ou_status_name(buffer_status(&warnings)));
    if (!status && told)
        tell_lines(warnings.at, told, context);
    config_free(config);
    buffer_release(&warnings);
    return status;
}
