/* Any bytes as a request for the page of metrics. What is accepted lies within the bytes, is the
 * same whatever stands behind it, and is not accepted when any of its end is missing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "trace/prometheus_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
    if (!holds)
        abort();
}

static void check_request(const struct http_request *r, const char *text, size_t size)
{
    enum http_status status = http_judge(r);

    check(r->bytes > 0 && r->bytes <= size && text[r->bytes - 1] == '\n');
    check(r->path.len && (*r->path.at == '/' || span_is(r->path, "*")));
    check(span_is(r->path, "/") ||
          (r->path.at > text && r->path.at + r->path.len < text + r->bytes));
    check(!r->accept_any || (!r->accept_plain && !r->accept_openmetrics));
    check(status == HTTP_OK || status == HTTP_NOT_FOUND || status == HTTP_METHOD_NOT_ALLOWED ||
          status == HTTP_UNSUPPORTED_MEDIA_TYPE);
}

/* Parses a copy of exactly that size. */
static int parses(const char *text, size_t size, struct http_request *ret)
{
    char *copy = malloc(size ? size : 1);
    int result;

    check(copy != NULL);
    if (size)
        memcpy(copy, text, size);
    result = http_parse(copy, size, ret);
    free(copy); /* only what is no view of it is compared */
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct http_request r, again;
    size_t step;

    if (size > HTTP_REQUEST_MAX || !http_parse(text, size, &r))
        return 0;
    check_request(&r, text, size);
    check(parses(text, r.bytes, &again));
    check(again.bytes == r.bytes && again.method == r.method && again.close == r.close &&
          again.path.len == r.path.len && http_judge(&r) != HTTP_BAD_REQUEST);
    step = r.bytes / 64 + 1; /* all prefixes of short requests, some of long ones */
    for (size_t len = 0; len < r.bytes; len += step)
        check(!parses(text, len, &again));
    return 0;
}
