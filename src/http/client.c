/* One easy handle, which is set up anew for each request, in a multi handle of its own: that one keeps the connections, and can be
 * woken from another thread. */
#include "http/client.h"

#include <errno.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "http/client_causes.h"
#include "http/client_private.h"

#define POLL_MS 200 /* how late a Ctrl-C in another thread is noticed at most */

/* ---- the client ---- */

static CURLcode ready_code;

static void make_ready(void)
{
    ready_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

enum ou_status http_client_ready(struct ou_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, make_ready);
    return ready_code == CURLE_OK
               ? OU_OK
               : ou_fail(err, OU_IO, "cannot begin with HTTP: %s", curl_easy_strerror(ready_code));
}

/* *ret is a copy of the text, NULL for NULL. */
static bool copy_text(const char *text, char **ret)
{
    *ret = text ? strdup(text) : NULL;
    return !text || *ret;
}

static enum ou_status copy_file_name(const char *path, const char *what, char **ret,
                                     struct ou_error *err)
{
    if (path && access(path, R_OK) < 0)
        return ou_fail(err, OU_NOT_FOUND, "cannot read %s %s: %s", what, path, strerror(errno));
    return copy_text(path, ret) ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for %s", path);
}

static enum ou_status copy_identity(struct http_client *c, const struct http_identity *identity,
                                    struct ou_error *err)
{
    enum ou_status status = copy_file_name(identity->ca_file, "the certificates of authorities in",
                                           &c->identity.ca_file, err);

    if (!status)
        status = copy_file_name(identity->certificate_file, "the certificate in",
                                &c->identity.certificate_file, err);
    if (!status)
        status = copy_file_name(identity->key_file, "the certificate's key in",
                                &c->identity.key_file, err);
    if (!status && !copy_text(identity->server_name, &c->identity.server_name))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for an HTTP client");
    return status;
}

enum ou_status http_client_open(const struct http_identity *identity, struct http_client **ret,
                                struct ou_error *err)
{
    struct http_client *c = calloc(1, sizeof *c);
    enum ou_status status = OU_OK;

    *ret = NULL;
    if (!c)
        return ou_fail(err, OU_NO_MEMORY, "no memory for an HTTP client");
    c->multi = curl_multi_init();
    c->easy = curl_easy_init();
    c->socket = -1;
    if (!c->multi || !c->easy)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for an HTTP client");
    if (!status && identity)
        status = copy_identity(c, identity, err);
    if (status)
        http_client_close(c);
    else
        *ret = c;
    return status;
}

void http_client_close(struct http_client *c)
{
    if (!c)
        return;
    curl_easy_cleanup(c->easy);
    curl_multi_cleanup(c->multi);
    free(c->identity.ca_file);
    free(c->identity.certificate_file);
    free(c->identity.key_file);
    free(c->identity.server_name);
    free(c);
}

void http_client_cancel(struct http_client *c)
{
    atomic_store(&c->cancelled, true);
    curl_multi_wakeup(c->multi);
}

void http_client_clean_up(struct http_client *c, bool cleans_up)
{
    atomic_store(&c->cleans_up, cleans_up);
}

bool http_client_cancelled(const struct http_client *c)
{
    return atomic_load(&c->cancelled) || (interrupt_pending() && !atomic_load(&c->cleans_up));
}

/* ---- a request ---- */

/* What was sent may wait in the kernel for a slow line, and is on its way as long as it becomes less. */
static void look_at_queue(struct asking *a)
{
    int queued = 0;

    if (a->client->socket < 0 || ioctl(a->client->socket, SIOCOUTQ, &queued) < 0 ||
        queued == a->queued)
        return;
    a->queued = queued;
    a->moved_ns = time_monotonic_ns();
}

static bool is_stalled(struct asking *a)
{
    if (a->sent > 0)
        look_at_queue(a);
    return (double)(time_monotonic_ns() - a->moved_ns) > http_stall_s(a->request) * 1e9;
}

/* Lets libcurl work until it is done or we end it. */
static CURLcode perform(struct asking *a)
{
    CURLM *multi = a->client->multi;
    int running = 1, left;
    CURLMsg *message;

    while (curl_multi_perform(multi, &running) == CURLM_OK && running) {
        if (http_client_cancelled(a->client))
            a->ended_by = BY_CANCEL;
        else if (is_stalled(a))
            a->ended_by = BY_STALL;
        if (a->ended_by || curl_multi_poll(multi, NULL, 0, POLL_MS, NULL))
            break;
    }
    message = curl_multi_info_read(multi, &left);
    return message && message->msg == CURLMSG_DONE ? message->data.result
                                                   : CURLE_ABORTED_BY_CALLBACK;
}

static enum ou_status tell(const struct asking *a, enum ou_status status, const char *advice,
                           struct ou_error *err)
{
    return ou_fail(err, status, "%s: %s%s%s", a->origin, a->reply->cause, advice ? "; " : "",
                   advice ? advice : "");
}

static enum ou_status end_hopeless(struct asking *a, enum ou_status status, const char *cause,
                                   struct ou_error *err)
{
    a->reply->hopeless = true;
    snprintf(a->reply->cause, sizeof a->reply->cause, "%s", cause);
    return tell(a, status, NULL, err);
}

static enum ou_status end_short_file(struct asking *a, struct ou_error *err)
{
    char cause[HTTP_CAUSE_ROOM];

    if (a->file_error)
        snprintf(cause, sizeof cause, "the file to send cannot be read: %s",
                 strerror(a->file_error));
    else
        snprintf(cause, sizeof cause, "the file to send ended after %llu of %llu bytes",
                 (unsigned long long)a->sent, (unsigned long long)a->to_send);
    return end_hopeless(a, OU_IO, cause, err);
}

/* With TLS 1.3 a server refuses after the handshake: what it says of that is lost where our request meets a closed connection. */
static bool may_want_certificate(const struct asking *a, CURLcode code)
{
    return (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) && a->reply->headers.len == 0 &&
           !a->client->identity.certificate_file && strncmp(a->origin, "https:", 6) == 0;
}

/* How a request ended for which libcurl has no reply, or which we ended. */
static enum ou_status judge(struct asking *a, CURLcode code, struct ou_error *err)
{
    struct http_reply *reply = a->reply;
    struct http_cause cause;
    long os_error = 0;

    switch (a->ended_by) {
    case BY_TAKER: return end_hopeless(a, OU_IO, "what came was refused", err);
    case BY_BODY_MAX: return end_hopeless(a, OU_TOO_LARGE, "the answer is too large", err);
    case BY_HEADERS_MAX:
        return end_hopeless(a, OU_TOO_LARGE, "the answer's headers are too large", err);
    case BY_FILE: return end_short_file(a, err);
    case BY_STALL:
        snprintf(reply->cause, sizeof reply->cause, "nothing moved for %g s",
                 http_stall_s(a->request));
        return tell(a, OU_IO, NULL, err);
    case BY_CANCEL: return ou_fail(err, OU_INTERRUPTED, "%s: interrupted", a->origin);
    case ENDED_BY_NONE: break;
    }
    if (code == CURLE_OK)
        return OU_OK;
    if (code == CURLE_OUT_OF_MEMORY)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a request");
    curl_easy_getinfo(a->client->easy, CURLINFO_OS_ERRNO, &os_error);
    cause = http_cause_of(code, os_error, a->detail, reply->cause, sizeof reply->cause);
    reply->hopeless = cause.hopeless;
    if (!cause.advice && may_want_certificate(a, code))
        cause.advice = "if it asks its clients for certificates, give one";
    return tell(a, OU_IO, cause.advice, err);
}

static void note_figures(const struct asking *a)
{
    CURL *easy = a->client->easy;
    curl_off_t first_us = 0, all_us = 0;
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first_us);
    curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &all_us);
    a->reply->status = (int)status;
    a->reply->first_byte_s = (double)first_us / 1e6;
    a->reply->seconds = (double)all_us / 1e6;
}

enum ou_status http_ask(struct http_client *client, const struct http_request *request,
                        struct http_reply *ret, struct ou_error *err)
{
    struct asking a = {
        .client = client,
        .request = request,
        .reply = ret,
        .to_send = request->with_file ? request->body_bytes : request->body.len,
        .moved_ns = time_monotonic_ns(),
    };
    enum ou_status status;

    *ret = (struct http_reply){ 0 };
    buffer_init(&ret->body, allocator_libc(),
                http_body_max(request) > HTTP_FAILURE_BODY_MAX ? http_body_max(request)
                                                               : HTTP_FAILURE_BODY_MAX);
    buffer_init(&ret->headers, allocator_libc(), HTTP_REPLY_HEADERS_MAX);
    status = http_asking_set_up(&a, err);
    if (!status && curl_multi_add_handle(client->multi, client->easy) != CURLM_OK)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a request");
    if (!status) {
        CURLcode code = perform(&a);

        note_figures(&a);
        status = judge(&a, code, err);
        curl_multi_remove_handle(client->multi, client->easy);
    }
    curl_easy_reset(client->easy); /* which points to what is released here */
    curl_slist_free_all(a.headers);
    curl_slist_free_all(a.connect_to);
    curl_free(a.url);
    return status;
}

/* ---- replies ---- */

void http_reply_release(struct http_reply *reply)
{
    buffer_release(&reply->body);
    buffer_release(&reply->headers);
}

static struct span trimmed(struct span s)
{
    while (s.len > 0 && (*s.at == ' ' || *s.at == '\t')) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && strchr(" \t\r\n", s.at[s.len - 1]))
        s.len--;
    return s;
}

struct span http_reply_header(const struct http_reply *reply, const char *name)
{
    const char *at = buffer_string(&reply->headers), *end = at + reply->headers.len;
    size_t len = strlen(name);

    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t line = (size_t)((line_end ? line_end : end) - at);

        if (line > len && at[len] == ':' && strncasecmp(at, name, len) == 0)
            return trimmed((struct span){ at + len + 1, line - len - 1 });
        at += line + (line_end != NULL);
    }
    return (struct span){ NULL, 0 };
}

/* "Sun, 06 Nov 1994 08:49:37 GMT": the one form that senders may use. Names in English, whatever the locale. */
int64_t http_reply_date_ns(const struct http_reply *reply)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    struct span value = http_reply_header(reply, "Date");
    char text[40], month[4];
    const char *at;
    struct tm utc = { 0 };
    int end = 0;

    if (value.len >= sizeof text || value.len == 0)
        return TIME_NONE;
    memcpy(text, value.at, value.len);
    text[value.len] = '\0';
    if (sscanf(text, "%*3[A-Za-z], %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT%n", &utc.tm_mday, month,
               &utc.tm_year, &utc.tm_hour, &utc.tm_min, &utc.tm_sec, &end) != 6 ||
        (size_t)end != value.len || utc.tm_year < 1970 || utc.tm_year > 2261)
        return TIME_NONE;
    at = strstr(months, month);
    if (!at || (at - months) % 3 != 0 || strlen(month) != 3)
        return TIME_NONE;
    utc.tm_mon = (int)(at - months) / 3;
    utc.tm_year -= 1900;
    return (int64_t)timegm(&utc) * NS_PER_SECOND;
}
