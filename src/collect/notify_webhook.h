/* Posts of JSON to webhooks: libcurl driven by the loop. Not in the loop's pool: its few threads write the logs, and servers
 * that do not answer would keep them for seconds. Loop thread. */
#ifndef OU_COLLECT_NOTIFY_WEBHOOK_H
#define OU_COLLECT_NOTIFY_WEBHOOK_H

#include <uv.h>

#include "base/span.h"
#include "base/status.h"

#define WEBHOOK_ANSWER_MAX ((size_t)64 << 10) /* what is read of an answer */
#define WEBHOOK_WHY_ROOM 256

struct web_client; /* for any number of posts at a time */
struct web_post;

struct web_result {
    bool ok;         /* answered with 200..299 */
    bool may_pass;   /* not ok, but the next try may be: no connection, no answer, 408, 429, 5xx */
    const char *why; /* "200", "503: busy", "Couldn't connect to server" */
};

struct web_client *web_client_new(uv_loop_t *loop); /* NULL: no memory */
/* All posts have ended or been cancelled. closed is called when its handles are closed, and then it is gone. */
void web_client_close(struct web_client *c, void (*closed)(void *context), void *context);

/* Posts a copy of body. Only http and https, no redirections; a redirection is a failure. done is called once,
 * from the loop, and the post is gone then. OU_INVALID: no such URL; OU_NO_MEMORY. */
enum ou_status web_post_start(struct web_client *c, const char *url, struct span body,
                              uint32_t timeout_ms,
                              void (*done)(void *owner, const struct web_result *result),
                              void *owner, struct web_post **ret, struct ou_error *err);
void web_post_cancel(struct web_post *p); /* done is not called */

/* "https://host" of a URL, for messages: paths of webhooks often are their passwords. */
void web_url_shown(const char *url, char *ret, size_t room);

#endif
