/* Any bytes as a packed body: the first byte chooses the coding. What is unpacked is never more than the limit, and what was
 * unpacked comes back when it is packed as an answer and unpacked again. And any text as a list of tags. */
#include <stdlib.h>
#include <string.h>

#include "http/coding.h"
#include "http/params.h"

#define UNPACKED_MAX ((size_t)1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
    if (!holds)
        abort();
}

static enum ou_status unpack(const char *coding, struct span body, struct buffer *ret)
{
    struct http_params params;
    struct http_call call = { .args = &params, .body = body };
    enum ou_status status;

    http_params_init(&params);
    check(http_params_header(&params, "Content-Encoding", coding) == OU_OK);
    buffer_init(ret, allocator_libc(), UNPACKED_MAX);
    status = coding_unpack(&call, ret, NULL);
    http_params_release(&params);
    check(ret->len <= UNPACKED_MAX);
    return status;
}

static void check_comes_back(const char *coding, const struct buffer *plain)
{
    struct http_params params;
    struct http_call call = { .args = &params };
    struct http_answer answer = { .status = 200 };
    struct buffer back;

    http_params_init(&params);
    check(http_params_header(&params, "Accept-Encoding", coding) == OU_OK);
    buffer_init(&answer.body, allocator_libc(), HTTP_ANSWER_MAX);
    buffer_append(&answer.body, buffer_string(plain), plain->len);
    coding_pack(&call, &answer);
    if (http_answer_header_of(&answer, "Content-Encoding")) {
        check(answer.body.len < plain->len);
        check(unpack(coding, (struct span){ answer.body.at, answer.body.len }, &back) == OU_OK);
        check(back.len == plain->len && memcmp(back.at, plain->at, back.len) == 0);
        buffer_release(&back);
    }
    buffer_release(&answer.body);
    buffer_release(&answer.headers);
    http_params_release(&params);
}

static void check_tags(const uint8_t *data, size_t size)
{
    char *list = malloc(size + 1);

    check(list != NULL);
    memcpy(list, data, size);
    list[size] = '\0';
    if (coding_etag_matches(list, "\"abc\"", false))
        check(coding_etag_matches(list, "\"abc\"", true));
    coding_etag_matches("\"abc-zstd\", W/\"x\"", list, true);
    free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const codings[] = { "gzip", "zstd" };
    const char *coding = codings[size ? data[0] & 1 : 0];
    struct buffer plain;

    if (size == 0)
        return 0;
    if (unpack(coding, (struct span){ (const char *)data + 1, size - 1 }, &plain) == OU_OK)
        check_comes_back(coding, &plain);
    buffer_release(&plain);
    check_tags(data + 1, size - 1);
    return 0;
}
