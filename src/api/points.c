/* The access log, and what happens to the server, as traces of this program. */
#include "api/points.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include "api/parts.h"

#define TARGET_MAX ((size_t)4096) /* what is longer is cut */
#define NS_PER_S 1e9
#define NS_PER_MS 1e6

/* ---- targets ---- */

/* Nothing here takes a secret in a URL; but clients make mistakes, and logs are read by many. */
static bool is_secret(const char *name, size_t len)
{
    static const char *const words[] = { "token",     "secret",        "password", "passwd",
                                         "signature", "authorization", "key" };

    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        const size_t word = strlen(words[w]);

        for (size_t i = 0; i + word <= len; i++)
            if (strncasecmp(name + i, words[w], word) == 0)
                return true;
    }
    return false;
}

static void add_parameter(const char *at, size_t len, struct buffer *ret)
{
    const char *equals = memchr(at, '=', len);
    const size_t name = equals ? (size_t)(equals - at) : len;

    if (equals && is_secret(at, name)) {
        buffer_append(ret, at, name);
        buffer_text(ret, "=***");
    } else {
        buffer_append(ret, at, len);
    }
}

void log_target(const char *target, struct buffer *ret)
{
    const size_t len = strnlen(target, TARGET_MAX);
    const char *query = memchr(target, '?', len), *end = target + len;

    buffer_append(ret, target, query ? (size_t)(query - target) : len);
    for (const char *at = query; at && at < end;) {
        const char *next = memchr(at + 1, '&', (size_t)(end - at - 1));
        const char *stop = next ? next : end;

        buffer_char(ret, *at);
        add_parameter(at + 1, (size_t)(stop - at - 1), ret);
        at = next;
    }
    if (target[len])
        buffer_text(ret, "...");
}

/* ---- requests ---- */

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

void log_request(const struct request_facts *facts)
{
    struct buffer target;

    if (facts->failure)
        OU_TRACE(results_request_failed, facts->request_id, facts->operation, facts->status,
                 facts->failure);
    if (!OU_TRACE_IS_ON(results_request))
        return;
    buffer_init(&target, allocator_libc(), 2 * TARGET_MAX);
    log_target(facts->target ? facts->target : "", &target);
    OU_TRACE(results_request, facts->request_id, facts->method, buffer_string(&target),
             facts->operation, facts->status, facts->client, or_null(facts->actor), facts->bytes_in,
             facts->bytes_out, (double)facts->duration_ns / NS_PER_S,
             (double)facts->waited_ns / NS_PER_S,
             nearbyint((double)facts->duration_ns / (NS_PER_MS / 10)) / 10);
    buffer_release(&target);
}

/* ---- what happens ---- */

void log_database(const char *why)
{
    static _Atomic bool is_away;

    /* Each request comes here; nearly all only read. */
    if (atomic_load_explicit(&is_away, memory_order_relaxed) == (why != NULL) ||
        atomic_exchange(&is_away, why != NULL) == (why != NULL))
        return;
    if (why)
        OU_TRACE(results_database_away, why);
    else
        OU_TRACE(results_database_back);
}

void log_delivery_failed(const char *outlet, const char *delivery, bool again, const char *why)
{
    OU_TRACE(results_delivery_failed, outlet, delivery, again, why);
}
