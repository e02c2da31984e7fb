/* curl_multi with its socket interface: curl says which sockets it waits at and for how long, the loop
 * watches them. A post that is done is told from a turn of the loop of its own (`ended`), never from inside of curl. */
#include "collect/notify_webhook.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

#define ANSWER_SHOWN 80 /* bytes of an answer in messages */

struct web_client {
    uv_loop_t *loop;
    CURLM *multi;
    uv_timer_t timer;
    struct curl_slist *headers;
    void (*closed)(void *context);
    void *context;
};

/* A socket that curl waits at. */
struct watched {
    uv_poll_t poll;
    curl_socket_t socket;
    struct web_client *client;
};

struct web_post {
    struct web_client *client;
    CURL *easy;
    char *body;
    size_t answer_bytes;
    char answer[ANSWER_SHOWN + 1]; /* how it begins */
    char reason[CURL_ERROR_SIZE];
    void (*done)(void *owner, const struct web_result *result);
    void *owner;
};

/* ---- results ---- */

static void free_post(struct web_post *p)
{
    curl_multi_remove_handle(p->client->multi, p->easy);
    curl_easy_cleanup(p->easy);
    free(p->body);
    free(p);
}

/* The first line of an answer, if it is text. */
static void shorten(char *text)
{
    struct span rest = span_of(text);
    uint32_t c;

    while (rest.len > 0) {
        char *at = text + (rest.at - text);

        if (!utf8_next(&rest, &c) || c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            *at = '\0';
            return;
        }
    }
}

/* An answer that was too long has been broken off: its status counts nevertheless. */
static bool was_answered(CURLcode code, long status)
{
    return status >= 200 && (code == CURLE_OK || code == CURLE_WRITE_ERROR);
}

static void finish(struct web_post *p, CURLcode code)
{
    void (*done)(void *owner, const struct web_result *result) = p->done;
    void *owner = p->owner;
    char why[WEBHOOK_WHY_ROOM];
    struct web_result result = { .why = why };
    long status = 0;

    curl_easy_getinfo(p->easy, CURLINFO_RESPONSE_CODE, &status);
    if (was_answered(code, status)) {
        result.ok = status < 300;
        result.may_pass = status == 408 || status == 429 || status >= 500;
        shorten(p->answer);
        snprintf(why, sizeof why, "%ld%s%s", status, *p->answer ? ": " : "", p->answer);
    } else {
        result.may_pass = true;
        snprintf(why, sizeof why, "%s", *p->reason ? p->reason : curl_easy_strerror(code));
    }
    free_post(p);
    done(owner, &result);
}

/* Whoever is told may start another post, cancel one, or close the client. */
static void look_for_ended(struct web_client *c)
{
    CURLMsg *message;
    int left;

    while (c->multi && (message = curl_multi_info_read(c->multi, &left))) {
        CURLcode code = message->data.result;
        char *post = NULL;

        if (message->msg == CURLMSG_DONE &&
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &post) == CURLE_OK)
            finish((struct web_post *)(void *)post, code);
    }
}

/* ---- curl in the loop ---- */

static void on_timer(uv_timer_t *timer)
{
    struct web_client *c = timer->data;
    int running;

    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    look_for_ended(c);
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    struct web_client *c = context;

    (void)multi;
    if (timeout_ms < 0)
        uv_timer_stop(&c->timer);
    else
        uv_timer_start(&c->timer, on_timer, (uint64_t)timeout_ms, 0);
    return 0;
}

static void on_socket(uv_poll_t *poll, int problem, int events)
{
    const struct watched *w = poll->data;
    struct web_client *c = w->client;
    int flags = problem ? CURL_CSELECT_ERR : 0;
    int running;

    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(c->multi, w->socket, flags, &running);
    look_for_ended(c);
}

static void free_watched(uv_handle_t *handle)
{
    free(handle->data);
}

static struct watched *watch(struct web_client *c, curl_socket_t socket)
{
    struct watched *w = calloc(1, sizeof *w);

    if (!w)
        return NULL;
    *w = (struct watched){ .socket = socket, .client = c };
    if (uv_poll_init(c->loop, &w->poll, socket)) {
        free(w);
        return NULL;
    }
    w->poll.data = w;
    curl_multi_assign(c->multi, socket, w);
    return w;
}

static void unwatch(struct web_client *c, curl_socket_t socket, struct watched *w)
{
    curl_multi_assign(c->multi, socket, NULL);
    uv_close((uv_handle_t *)&w->poll, free_watched);
}

/* A socket that cannot be watched makes its post run into its timeout. */
static int set_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *of_socket)
{
    struct web_client *c = context;
    struct watched *w = of_socket;
    int events = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (w)
            unwatch(c, socket, w);
        return 0;
    }
    if (!w)
        w = watch(c, socket);
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= UV_READABLE;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= UV_WRITABLE;
    if (w)
        uv_poll_start(&w->poll, events, on_socket);
    return 0;
}

/* ---- the client ---- */

static void start_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct web_client *web_client_new(uv_loop_t *loop)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct web_client *c = calloc(1, sizeof *c);

    pthread_once(&once, start_curl);
    if (!c)
        return NULL;
    c->loop = loop;
    c->multi = curl_multi_init();
    /* "Expect:" without a value: no question whether the body is welcome, which some servers leave open. */
    c->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (c->headers)
        curl_slist_append(c->headers, "Expect:");
    if (!c->multi || !c->headers || uv_timer_init(loop, &c->timer)) {
        curl_multi_cleanup(c->multi);
        curl_slist_free_all(c->headers);
        free(c);
        return NULL;
    }
    c->timer.data = c;
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    return c;
}

static void on_client_closed(uv_handle_t *handle)
{
    struct web_client *c = handle->data;

    if (c->closed)
        c->closed(c->context);
    free(c);
}

void web_client_close(struct web_client *c, void (*closed)(void *context), void *context)
{
    c->closed = closed;
    c->context = context;
    curl_multi_cleanup(c->multi); /* closes kept connections, by set_socket() */
    c->multi = NULL;
    curl_slist_free_all(c->headers);
    uv_close((uv_handle_t *)&c->timer, on_client_closed);
}

/* ---- posts ---- */

static size_t take_answer(char *at, size_t size, size_t count, void *context)
{
    struct web_post *p = context;
    size_t bytes = size * count;

    for (size_t i = 0; i < bytes && p->answer_bytes + i < ANSWER_SHOWN; i++)
        p->answer[p->answer_bytes + i] = at[i];
    p->answer_bytes += bytes;
    return p->answer_bytes <= WEBHOOK_ANSWER_MAX ? bytes : 0;
}

static void set_options(struct web_post *p, const char *url, size_t body_bytes, uint32_t timeout_ms)
{
    CURL *easy = p->easy;

    curl_easy_setopt(easy, CURLOPT_PRIVATE, p);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT,
                     1L); /* no waiting for a resolver that does not answer */
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "ouroscope/" OUROSCOPE_VERSION);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, p->client->headers);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, p->body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body_bytes);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, p);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, p->reason);
}

static bool is_web_url(const char *url)
{
    CURLU *parts = curl_url();
    char *scheme = NULL;
    bool ret = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
               curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
               (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);

    curl_free(scheme);
    curl_url_cleanup(parts);
    return ret;
}

enum ou_status web_post_start(struct web_client *c, const char *url, struct span body,
                              uint32_t timeout_ms,
                              void (*done)(void *owner, const struct web_result *result),
                              void *owner, struct web_post **ret, struct ou_error *err)
{
    struct web_post *p;
    CURLMcode code;

    if (!is_web_url(url))
        return ou_fail(err, OU_INVALID, "a webhook's address begins with http:// or https://");
    p = calloc(1, sizeof *p);
    if (!p)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a webhook");
    *p = (struct web_post){ .client = c, .done = done, .owner = owner };
    p->easy = curl_easy_init();
    p->body = malloc(body.len + 1);
    if (!p->easy || !p->body) {
        free_post(p);
        return ou_fail(err, OU_NO_MEMORY, "no memory for a webhook");
    }
    memcpy(p->body, body.at, body.len);
    set_options(p, url, body.len, timeout_ms);
    code = curl_multi_add_handle(c->multi, p->easy);
    if (code != CURLM_OK) {
        free_post(p);
        return ou_fail(err, OU_NO_MEMORY, "a webhook: %s", curl_multi_strerror(code));
    }
    *ret = p;
    return OU_OK;
}

void web_post_cancel(struct web_post *p)
{
    free_post(p);
}

void web_url_shown(const char *url, char *ret, size_t room)
{
    CURLU *parts = curl_url();
    char *scheme = NULL, *host = NULL;

    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        snprintf(ret, room, "%s://%s", scheme, host);
    else
        snprintf(ret, room, "webhook");
    curl_free(scheme);
    curl_free(host);
    curl_url_cleanup(parts);
}
