/* How somebody becomes a listener of events (parts.h). */
#ifndef OU_API_STREAMS_H
#define OU_API_STREAMS_H

#include "api/event_text.h"
#include "api/parts.h"
#include "http/stream.h"

struct stream_wish {
    struct event_filter filter;
    const char *client; /* its address: one may have so many streams; NULL: not known */
    int64_t after;      /* the last news that it has heard of */
    bool is_gap;        /* it could not hear of all behind what it knew, and is told so */
    bool
        has_token; /* it is to come again now and then, in case that its token is not good any more */
};
/* *ret: the caller's reference, for http_answer.stream. OU_TOO_LARGE: there are too many. Any thread. */
enum ou_status events_join(struct events *e, const struct stream_wish *wish,
                           struct http_stream **ret, struct ou_error *err);

#endif
