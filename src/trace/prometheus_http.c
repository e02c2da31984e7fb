#include "trace/prometheus_http.h"

#include <stdio.h>
#include <strings.h>

/* --- Words -------------------------------------------------------------------------- */

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* RFC 9110, 5.6.2: what methods and the names of fields are made of. */
static bool is_token(struct span word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.at[i];

        if (is_control(c) || (unsigned char)c >= 0x80 || strchr(" \"(),/:;<=>?@[\\]{}", c))
            return false;
    }
    return word.len > 0;
}

static bool equal_ignoring_case(struct span a, const char *b)
{
    return a.len == strlen(b) && strncasecmp(a.at, b, a.len) == 0;
}

static bool holds(struct span text, const char *part)
{
    size_t len = strlen(part);

    for (size_t i = 0; i + len <= text.len; i++)
        if (strncasecmp(text.at + i, part, len) == 0)
            return true;
    return false;
}

static struct span from(struct span text, size_t at)
{
    return (struct span){ text.at + at, text.len - at };
}

/* Up to c, which is skipped in *rest; the whole text when there is none. */
static struct span cut_at(struct span text, char c, struct span *rest)
{
    const char *at = text.len ? memchr(text.at, c, text.len) : NULL;
    struct span head = { text.at, at ? (size_t)(at - text.at) : text.len };

    *rest = from(text, at ? head.len + 1 : text.len);
    return head;
}

static struct span trim(struct span text)
{
    while (text.len && (*text.at == ' ' || *text.at == '\t'))
        text = from(text, 1);
    while (text.len && (text.at[text.len - 1] == ' ' || text.at[text.len - 1] == '\t'))
        text.len--;
    return text;
}

/* Takes a line off the front, without its end. False when it has none. */
static bool next_line(struct span *text, struct span *ret)
{
    if (text->len == 0 || !memchr(text->at, '\n', text->len))
        return false;
    *ret = cut_at(*text, '\n', text);
    if (ret->len && ret->at[ret->len - 1] == '\r')
        ret->len--;
    return true;
}

/* --- The parts of a request ------------------------------------------------------------ */

/* "/path?query", "http://host/path?query", or the * of OPTIONS. */
static bool parse_target(struct span target, struct span *ret_path)
{
    struct span rest, path;

    for (size_t i = 0; i < target.len; i++)
        if (is_control(target.at[i]))
            return false;
    path = cut_at(target, '?', &rest);
    if (path.len >= 7 && strncasecmp(path.at, "http://", 7) == 0) {
        struct span host = cut_at(from(path, 7), '/', &rest);

        path = from(path, 7 + host.len);
        if (path.len == 0)
            path = span_of("/");
    }
    *ret_path = path;
    return path.len && (*path.at == '/' || span_is(path, "*"));
}

/* GET /metrics HTTP/1.1 */
static bool parse_request_line(struct span line, struct http_request *r)
{
    struct span method, target, version;

    method = cut_at(line, ' ', &line);
    target = cut_at(line, ' ', &version);
    if (!is_token(method) || version.len != 8 || !span_starts(version, "HTTP/1.") ||
        version.at[7] < '0' || version.at[7] > '9')
        return false;
    r->method = span_is(method, "GET")    ? HTTP_GET
                : span_is(method, "HEAD") ? HTTP_HEAD
                                          : HTTP_OTHER;
    r->close = version.at[7] == '0';
    return parse_target(target, &r->path);
}

static void take_accept(struct span value, struct http_request *r)
{
    r->accept_any = r->accept_any && value.len == 0;
    r->accept_openmetrics |= holds(value, "application/openmetrics-text");
    r->accept_plain |= holds(value, "text/plain") || holds(value, "text/*") || holds(value, "*/*");
}

/* Name: value */
static bool parse_field(struct span line, struct http_request *r)
{
    struct span value, name = cut_at(line, ':', &value);

    if (name.len == line.len || !is_token(name))
        return false;
    value = trim(value);
    for (size_t i = 0; i < value.len; i++)
        if (is_control(value.at[i]) && value.at[i] != '\t')
            return false;
    if (equal_ignoring_case(name, "Accept"))
        take_accept(value, r);
    else if (equal_ignoring_case(name, "Connection"))
        r->close |= holds(value, "close");
    else if (equal_ignoring_case(name, "Transfer-Encoding") ||
             (equal_ignoring_case(name, "Content-Length") && !span_is(value, "0")))
        r->close = true; /* a body is not read: what comes next is no request */
    return true;
}

bool http_parse(const char *bytes, size_t len, struct http_request *ret)
{
    struct http_request r = { .accept_any = true };
    struct span text = { bytes, len }, line;

    do
        if (!next_line(&text, &line))
            return false;
    while (line.len == 0);
    if (!parse_request_line(line, &r))
        return false;
    for (;;) {
        if (!next_line(&text, &line))
            return false;
        if (line.len == 0)
            break;
        if (!parse_field(line, &r))
            return false;
    }
    r.bytes = len - text.len;
    *ret = r;
    return true;
}

enum http_status http_judge(const struct http_request *request)
{
    if (!span_is(request->path, "/metrics"))
        return HTTP_NOT_FOUND;
    if (request->method == HTTP_OTHER)
        return HTTP_METHOD_NOT_ALLOWED;
    if (!request->accept_any && !request->accept_plain && !request->accept_openmetrics)
        return HTTP_UNSUPPORTED_MEDIA_TYPE;
    return HTTP_OK;
}

/* --- Responses ---------------------------------------------------------------------------- */

const char *http_reason(enum http_status status)
{
    switch (status) {
    case HTTP_OK: return "OK";
    case HTTP_BAD_REQUEST: return "Bad Request";
    case HTTP_NOT_FOUND: return "Not Found";
    case HTTP_METHOD_NOT_ALLOWED: return "Method Not Allowed";
    case HTTP_UNSUPPORTED_MEDIA_TYPE: return "Unsupported Media Type";
    case HTTP_INTERNAL_ERROR: break;
    }
    return "Internal Server Error";
}

/* Sun, 06 Nov 1994 08:49:37 GMT, whatever the user's language: strftime() would ask for it. */
static int put_date(time_t now, char *out, size_t room)
{
    static const char days[] = "SunMonTueWedThuFriSat";
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct tm t = { 0 };

    gmtime_r(&now, &t);
    return snprintf(out, room, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * t.tm_wday,
                    t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour, t.tm_min,
                    t.tm_sec);
}

size_t http_head(enum http_status status, const char *content_type, size_t body_bytes, bool close,
                 time_t now, char ret[HTTP_HEAD_ROOM])
{
    char date[64];

    put_date(now, date, sizeof date);
    return (size_t)snprintf(ret, HTTP_HEAD_ROOM,
                            "HTTP/1.1 %d %s\r\nDate: %s\r\nContent-Type: %s\r\n"
                            "Content-Length: %zu\r\n%sConnection: %s\r\n\r\n",
                            (int)status, http_reason(status), date, content_type, body_bytes,
                            status == HTTP_METHOD_NOT_ALLOWED ? "Allow: GET, HEAD\r\n" : "",
                            close ? "close" : "keep-alive");
}
