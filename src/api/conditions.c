/* Conditions of requests (RFC 9110, 13): ETags are strong, and of content before it is packed; coding_pack() adds how. */
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

#include "api/answering.h"
#include "http/coding.h"

#define TAG_ROOM 80

static void tag_of_body(const struct buffer *body, char ret[TAG_ROOM])
{
    XXH128_hash_t hash = XXH3_128bits(buffer_string(body), body->len);

    snprintf(ret, TAG_ROOM, "\"%016llx%016llx\"", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

/* Of content that never changes: as long as caches keep anything; shared ones only what everybody may see. */
static const char *cache_of(const struct api_request *r, bool immutable)
{
    if (!immutable)
        return "no-cache";
    return auth_is_private(r) ? "private, max-age=31536000, immutable"
                              : "public, max-age=31536000, immutable";
}

/* Those of writes were looked at before (api_if_match()): what is answered then is the new state. */
void api_conditional(struct api_request *r, const char *tag, bool immutable)
{
    const char *none = http_header(r->call, "If-None-Match"),
               *some = http_header(r->call, "If-Match");
    char quoted[TAG_ROOM];

    if (tag)
        snprintf(quoted, sizeof quoted, "\"%s\"", tag);
    else
        tag_of_body(&r->answer->body, quoted);
    if (some && !is_write(r->call) && !coding_etag_matches(some, quoted, false)) {
        api_problem(r, PROBLEM_STALE, "It is not what If-Match names any more.");
        return;
    }
    http_answer_header(r->answer, "ETag", "%s", quoted);
    r->answer->cache = cache_of(r, immutable);
    if (none && !is_write(r->call) && coding_etag_matches(none, quoted, true)) {
        r->answer->status = 304;
        buffer_clear(&r->answer->body);
    }
}

bool api_if_match(struct api_request *r, const char *tag)
{
    const char *some = http_header(r->call, "If-Match");
    char quoted[TAG_ROOM];

    snprintf(quoted, sizeof quoted, "\"%s\"", tag);
    if (!some)
        return api_problem(
            r, PROBLEM_CONDITION_NEEDED,
            "Send If-Match with the ETag of what you have seen, so that no change of "
            "others is lost.");
    if (!coding_etag_matches(some, quoted, false))
        return api_problem(r, PROBLEM_STALE,
                           "Somebody has changed it; get it again, and look at what is there now.");
    return true;
}

bool api_if_match_body(struct api_request *r, const struct buffer *body)
{
    char quoted[TAG_ROOM];

    tag_of_body(body, quoted);
    quoted[strlen(quoted) - 1] = '\0';
    return api_if_match(r, quoted + 1);
}
