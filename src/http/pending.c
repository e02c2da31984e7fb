#include "http/server_private.h"

const struct http_call *http_pending_call(const struct http_pending *p)
{
    return &p->call;
}

struct http_answer *http_pending_answer_of(struct http_pending *p)
{
    return &p->answer;
}

/* The library processes nothing of a connection that is suspended: the views of the call stay where they are. */
void http_hand_over(struct http_server *s, struct request *r)
{
    r->pending.taken = true;
    r->pending.server = s;
    r->pending.answer = http_empty_answer(0);
    s->taken++;
    MHD_suspend_connection(r->connection);
    s->take(s->context, &r->pending);
}

/* The loop is woken under the lock: when it finds the request there, this thread is done with the server, which may go. */
void http_pending_answer(struct http_pending *p)
{
    struct http_server *s = p->server;

    pthread_mutex_lock(&s->lock);
    p->next = s->answered;
    s->answered = p;
    uv_async_send(&s->mail);
    pthread_mutex_unlock(&s->lock);
}

static struct request *request_of(struct http_pending *p)
{
    return (struct request *)((char *)p - offsetof(struct request, pending));
}

void http_take_answered(struct http_server *s)
{
    struct http_pending *answered, *next;

    pthread_mutex_lock(&s->lock);
    answered = s->answered;
    s->answered = NULL;
    pthread_mutex_unlock(&s->lock);
    for (struct http_pending *p = answered; p; p = next) {
        next = p->next;
        p->answered = true;
        s->taken--;
        MHD_resume_connection(request_of(p)->connection);
    }
}
