/* An answer without an end: server-sent events. A handler makes a stream and hands it over in http_answer.stream; whoever
 * has something to say sends it, from any thread, until the client is gone or too slow. Counted references. */
#ifndef OU_HTTP_STREAM_H
#define OU_HTTP_STREAM_H

#include <stdbool.h>

#include "base/span.h"

#define HTTP_STREAM_UNREAD_MAX \
    ((size_t)1 << 20) /* a client that leaves more than that is cut off */

struct http_stream;

/* With one reference, which is its maker's; NULL: no memory. */
struct http_stream *http_stream_new(void);
struct http_stream *http_stream_keep(struct http_stream *s);
void http_stream_drop(struct http_stream *s); /* NULL is fine */

/* Queues bytes for the client. False when it is gone, was too slow or the stream is closed: nothing more will arrive. Bytes
 * that are sent before the answer has begun are kept for it. Any thread; does not block. */
bool http_stream_send(struct http_stream *s, struct span bytes);
/* Ends the answer in order, behind what was sent. Any thread. */
void http_stream_close(struct http_stream *s);
bool http_stream_is_open(struct http_stream *s);

#endif
