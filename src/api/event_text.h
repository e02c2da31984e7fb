/* News as server-sent events, and who wants which. Pure; any thread. */
#ifndef OU_API_EVENT_TEXT_H
#define OU_API_EVENT_TEXT_H

#include "base/buffer.h"
#include "store/feed.h"

/* Appends the event: id, kind, and on one line {"at", "project", "subject", "data"}. */
void event_text(const struct news *news, struct buffer *ret);
/* One of the stream's own: "hello", "reset". */
void event_own_text(const char *kind, int64_t no, struct buffer *ret);

#define EVENT_KINDS_ROOM 401
#define EVENT_PROJECT_ROOM 129
/* What a listener wants. */
struct event_filter {
    char kinds
        [EVENT_KINDS_ROOM]; /* "run.published,live"; "live" is all that begin with "live."; "": all */
    char project[EVENT_PROJECT_ROOM]; /* "": all; what is of no project goes to everybody */
};
bool event_wanted(const struct event_filter *filter, const struct news *news);
/* Whether there are such kinds at all; else *ret_at is where the first unknown one begins, from 1. */
bool event_kinds_known(const char *kinds, size_t *ret_at);

#endif
