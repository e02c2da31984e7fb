/* Pages of other origins (the Fetch standard's CORS): allowed ones may read, and write with a token. Credentials that a
 * browser sends by itself are never asked for. */
#include <string.h>

#include "api/answering.h"

#define PREFLIGHT_S 600

static const char exposed[] = "ETag, Link, Location, Preference-Applied, Total-Count, RateLimit, "
                              "RateLimit-Policy, Retry-After, X-Request-Id, Deprecation, Sunset";
static const char taken[] = "Authorization, Content-Type, Content-Encoding, If-Match, "
                            "If-None-Match, Prefer, Idempotency-Key, Last-Event-ID";

/* What Access-Control-Allow-Origin says; NULL: nothing. */
static const char *allowed(const struct api_request *r, const char *origin)
{
    const char *const *origins = api_config(r->api)->origins;

    for (size_t i = 0; origin && origins && origins[i]; i++) {
        if (strcmp(origins[i], "*") == 0)
            return "*";
        if (strcmp(origins[i], origin) == 0)
            return origin;
    }
    return NULL;
}

void cors_headers(struct api_request *r)
{
    const char *origin = allowed(r, http_header(r->call, "Origin"));

    if (!origin)
        return;
    http_answer_header(r->answer, "Access-Control-Allow-Origin", "%s", origin);
    http_answer_header(r->answer, "Access-Control-Expose-Headers", "%s", exposed);
}

bool cors_is_foreign(const struct api_request *r)
{
    return http_is_foreign(r->call) && !allowed(r, http_header(r->call, "Origin"));
}

void cors_options(struct api_request *r, const char *allow)
{
    r->answer->status = 204;
    r->answer->allow = allow;
    if (!allowed(r, http_header(r->call, "Origin")) ||
        !http_header(r->call, "Access-Control-Request-Method"))
        return;
    http_answer_header(r->answer, "Access-Control-Allow-Methods", "%s", allow);
    http_answer_header(r->answer, "Access-Control-Allow-Headers", "%s", taken);
    http_answer_header(r->answer, "Access-Control-Max-Age", "%d", PREFLIGHT_S);
}
