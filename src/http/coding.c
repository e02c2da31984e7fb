#include "http/coding.h"

#include <stdlib.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

#include "http/accept.h"
#include "http/params.h"

/* By measurement on answers of this API: a step more costs more time than its bytes are worth. */
enum { ZSTD_LEVEL = 3, GZIP_LEVEL = 6, GZIP_FORMAT = 16, MEMORY_LEVEL = 8 };

struct coding {
    const char *name;
    /* Returns the bytes that were written, 0: it cannot, or they are not fewer than there were. */
    size_t (*pack)(struct span bytes, char *room);
};

static size_t pack_zstd(struct span bytes, char *room)
{
    const size_t count = ZSTD_compress(room, bytes.len, bytes.at, bytes.len, ZSTD_LEVEL);

    return ZSTD_isError(count) ? 0 : count;
}

static size_t pack_gzip(struct span bytes, char *room)
{
    z_stream z = {
        .next_in = (Bytef *)bytes.at,
        .avail_in = (uInt)bytes.len, /* HTTP_ANSWER_MAX at most */
        .next_out = (Bytef *)room,
        .avail_out = (uInt)bytes.len,
    };
    bool whole;

    if (deflateInit2(&z, GZIP_LEVEL, Z_DEFLATED, MAX_WBITS + GZIP_FORMAT, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY))
        return 0;
    whole = deflate(&z, Z_FINISH) == Z_STREAM_END;
    deflateEnd(&z);
    return whole ? z.total_out : 0;
}

/* The better first: it is taken of two that a client likes as much. */
static const struct coding codings[] = { { "zstd", pack_zstd }, { "gzip", pack_gzip } };
enum { CODINGS = sizeof codings / sizeof *codings };

/* --- What the client takes ------------------------------------------------------------------------- */

static struct accept_found look(const struct http_call *call, const char *coding)
{
    const struct http_fields *headers = &call->args->headers;
    struct accept_found found = { 0 };

    for (size_t i = 0; i < headers->count; i++)
        if (strcasecmp(headers->at[i].name, "Accept-Encoding") == 0)
            accept_look(span_of(headers->at[i].value), coding, &found);
    return found;
}

/* NULL: as it is. That it may be so needs no saying, and then is liked least. */
static const struct coding *choose(const struct http_call *call)
{
    const struct accept_found plain = look(call, "identity");
    const struct coding *best = NULL;
    unsigned most = plain.precision == 3 ? plain.quality : 0;

    for (size_t i = 0; i < CODINGS; i++) {
        const unsigned quality = look(call, codings[i].name).quality;

        if (quality > most || (quality && quality == most && !best)) {
            most = quality;
            best = &codings[i];
        }
    }
    return best;
}

/* --- Answers ---------------------------------------------------------------------------------------- */

static bool shrinks(const char *type)
{
    return !type || strncmp(type, "text/", 5) == 0 || strstr(type, "json") || strstr(type, "xml") ||
           strstr(type, "javascript") || strstr(type, "openmetrics");
}

static void add_vary(struct http_answer *answer)
{
    const char *vary = http_answer_header_of(answer, "Vary");

    if (!vary)
        http_answer_header(answer, "Vary", "Accept-Encoding");
    else if (!strcasestr(vary, "Accept-Encoding"))
        http_answer_header(answer, "Vary", "%s, Accept-Encoding", vary);
}

/* Of a strong tag "abc" the one that the coded body has; false: it is none. */
static bool coded_tag(const char *tag, const char *coding, char *ret, size_t room)
{
    const size_t len = tag ? strlen(tag) : 0;

    return len >= 2 && *tag == '"' && tag[len - 1] == '"' &&
           (size_t)snprintf(ret, room, "%.*s-%s\"", (int)len - 1, tag, coding) < room;
}

#define TAG_ROOM 256

static void put_tag(struct http_answer *answer, const char *coding)
{
    char tag[TAG_ROOM];

    if (coded_tag(http_answer_header_of(answer, "ETag"), coding, tag, sizeof tag))
        http_answer_header(answer, "ETag", "%s", tag);
}

/* What a client has is told by the tag that it has it by. */
static void put_known_tag(const struct http_call *call, struct http_answer *answer)
{
    const char *list = http_header(call, "If-None-Match");
    const char *plain = http_answer_header_of(answer, "ETag");
    char tag[TAG_ROOM];

    for (size_t i = 0; list && i < CODINGS; i++) {
        if (coded_tag(plain, codings[i].name, tag, sizeof tag) && strstr(list, tag)) {
            http_answer_header(answer, "ETag", "%s", tag);
            return;
        }
    }
}

static bool pack(const struct coding *coding, struct http_answer *answer)
{
    struct buffer packed;
    char *room = malloc(answer->body.len);
    const size_t count =
        room ? coding->pack((struct span){ answer->body.at, answer->body.len }, room) : 0;

    buffer_init(&packed, allocator_libc(), HTTP_ANSWER_MAX);
    if (count)
        buffer_append(&packed, room, count); /* as large as it is: it waits for its client */
    free(room);
    if (packed.len == 0) {
        buffer_release(&packed);
        return false;
    }
    buffer_release(&answer->body);
    answer->body = packed;
    return true;
}

void coding_pack(const struct http_call *call, struct http_answer *answer)
{
    const struct coding *coding = choose(call);

    if (answer->stream || buffer_status(&answer->body) || !shrinks(answer->type) ||
        http_answer_header_of(answer, "Content-Encoding"))
        return;
    add_vary(answer);
    if (answer->status == 304) {
        put_known_tag(call, answer);
    } else if (coding && answer->body.len >= CODING_LEAST_BYTES && pack(coding, answer)) {
        http_answer_header(answer, "Content-Encoding", "%s", coding->name);
        put_tag(answer, coding->name);
    }
}

/* --- Tags ------------------------------------------------------------------------------------------- */

/* Takes the next tag off the front of *list: with its W/ and quotes. Empty at the end, or at what is no tag. */
static struct span next_tag(const char **list)
{
    const char *at = *list + strspn(*list, " \t,");
    const char *quote = strncmp(at, "W/", 2) == 0 ? at + 2 : at;
    const char *end = *quote == '"' ? strchr(quote + 1, '"') : NULL;

    if (!end)
        return (struct span){ NULL, 0 };
    *list = end + 1;
    return (struct span){ at, (size_t)(end + 1 - at) };
}

static bool is_weak(struct span tag)
{
    return span_starts(tag, "W/");
}

/* What stands between the quotes. */
static struct span opaque(struct span tag)
{
    const size_t begin = is_weak(tag) ? 3 : 1;

    return (struct span){ tag.at + begin, tag.len - begin - 1 };
}

static bool is_coded(struct span given, struct span tag)
{
    struct span rest = { given.at + tag.len, given.len - tag.len };

    if (rest.len < 2 || *rest.at != '-')
        return false;
    rest = (struct span){ rest.at + 1, rest.len - 1 };
    for (size_t i = 0; i < CODINGS; i++)
        if (span_is(rest, codings[i].name))
            return true;
    return false;
}

static bool same(struct span given, struct span tag)
{
    return given.len >= tag.len && memcmp(given.at, tag.at, tag.len) == 0 &&
           (given.len == tag.len || is_coded(given, tag));
}

bool coding_etag_matches(const char *list, const char *tag, bool weak)
{
    const char *rest = tag;
    const struct span ours = next_tag(&rest);
    struct span given;

    list += strspn(list, " \t");
    if (*list == '*' && list[1 + strspn(list + 1, " \t")] == '\0')
        return true;
    if (ours.len == 0)
        return false;
    while ((given = next_tag(&list)).len)
        if ((weak || (!is_weak(given) && !is_weak(ours))) && same(opaque(given), opaque(ours)))
            return true;
    return false;
}
