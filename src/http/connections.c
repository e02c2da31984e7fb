#include <stdlib.h>
#include <sys/socket.h>

#include "base/time.h"
#include "http/server_private.h"

/* Between two looks at all connections, however their deadlines lie. */
#define LOOK_NS (INT64_C(200) * 1000000)

static struct connection *connection_of(struct MHD_Connection *library)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(library, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    return info ? info->socket_context : NULL;
}

static void set_deadline(struct http_server *s, struct connection *c, int64_t deadline_ns)
{
    c->deadline_ns = deadline_ns;
    if (deadline_ns < s->look_ns)
        s->look_ns = deadline_ns;
}

static void accepted(struct http_server *s, struct MHD_Connection *library, void **socket_context)
{
    struct connection *c = calloc(1, sizeof *c);

    *socket_context = c;
    if (!c) { /* without a deadline it may not stay */
        http_cut_off(library);
        return;
    }
    *c = (struct connection){ .next = s->connections, .at = &s->connections, .library = library };
    if (c->next)
        c->next->at = &c->next;
    s->connections = c;
    set_deadline(s, c, time_monotonic_ns() + s->request_ns);
}

static void forget(struct connection *c)
{
    *c->at = c->next;
    if (c->next)
        c->next->at = c->at;
    free(c);
}

void http_on_connection(void *context, struct MHD_Connection *library, void **socket_context,
                        enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        accepted(context, library, socket_context);
    else if (*socket_context)
        forget(*socket_context);
}

void http_expect(struct http_server *s, struct MHD_Connection *library, int64_t deadline_ns)
{
    struct connection *c = connection_of(library);

    if (c)
        set_deadline(s, c, deadline_ns);
}

void http_cut_off(struct MHD_Connection *library)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(library, MHD_CONNECTION_INFO_CONNECTION_FD);

    if (info)
        shutdown(info->connect_fd, SHUT_RDWR);
}

/* The library ends a connection that is silent, but not one that gives a byte now and then. Deadlines move with every
 * byte: so they stand in no order, and all are looked at when the first that was known is over. */
void http_cut_off_senders(struct http_server *s)
{
    const int64_t now_ns = time_monotonic_ns();
    int64_t first_ns = INT64_MAX;

    if (now_ns < s->look_ns)
        return;
    for (struct connection *c = s->connections; c; c = c->next) {
        if (c->deadline_ns <= now_ns) {
            http_cut_off(c->library);
            c->deadline_ns = INT64_MAX;
        } else if (c->deadline_ns < first_ns) {
            first_ns = c->deadline_ns;
        }
    }
    s->look_ns = first_ns < now_ns + LOOK_NS ? now_ns + LOOK_NS : first_ns;
}

uint64_t http_senders_wait_ms(const struct http_server *s)
{
    const int64_t now_ns = time_monotonic_ns();

    if (s->look_ns == INT64_MAX)
        return UINT64_MAX;
    return s->look_ns > now_ns ? (uint64_t)(s->look_ns - now_ns) / 1000000 + 1 : 1;
}
