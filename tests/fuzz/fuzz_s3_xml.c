/* Any bytes as what a store answers: a page of a list, and a refusal. Keys that are told were asked for and can be ones, twice the same;
 * texts of refusals end, and cannot harm a terminal. */
#include <stdint.h>
#include <string.h>

#include "guarded.h"
#include "storage/s3_private.h"

#define PREFIX "run/"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    unsigned count, stop_at;
    uint64_t sum; /* of keys and sizes */
};

static bool note_key(void *context, const struct s3_object *object)
{
    struct seen *seen = context;

    MUST(strncmp(object->key, PREFIX, strlen(PREFIX)) == 0);
    MUST(s3_check_key(object->key, NULL) == OU_OK);
    MUST(strlen(object->etag) < S3_ETAG_ROOM);
    for (const char *c = object->key; *c; c++)
        seen->sum = seen->sum * 31 + (unsigned char)*c;
    seen->sum += object->bytes;
    return ++seen->count != seen->stop_at;
}

static void check_list(struct span text)
{
    struct seen first = { 0 }, again = { 0 }, one = { .stop_at = 1 };
    char next[S3_TOKEN_ROOM];
    bool more, more_again;
    enum ou_status status = s3_read_list(text, PREFIX, note_key, &first, &more, next, NULL);

    MUST(status == OU_OK || status == OU_INVALID);
    MUST(strlen(next) < sizeof next && (status || !more || *next));
    MUST(s3_read_list(text, PREFIX, note_key, &again, &more_again, next, NULL) == status);
    MUST(again.count == first.count && again.sum == first.sum && more == more_again);
    s3_read_list(text, PREFIX, note_key, &one, &more, next, NULL);
    MUST(one.count == (first.count > 0));
}

static void check_shown(const char *text, size_t room)
{
    MUST(memchr(text, '\0', room));
    for (; *text; text++)
        MUST((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_refusal(struct span text)
{
    const struct http_reply reply = { .status = 400,
                                      .body = { .at = (char *)text.at, .len = text.len } };
    struct s3_refusal refusal;

    s3_read_refusal(&reply, &refusal);
    check_shown(refusal.code, sizeof refusal.code);
    check_shown(refusal.message, sizeof refusal.message);
    check_shown(refusal.region, sizeof refusal.region);
    s3_refusal_may_pass(&refusal);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = { (const char *)data, size };

    check_list(text);
    check_refusal(text);
    return 0;
}
