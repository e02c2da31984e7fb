/* Text of the program's on its way into a line.
 *
 * Whatever its bytes are, the line stays one line of valid UTF-8 that only ever prints: control
 * characters (C0, DEL and C1, one of which begins an escape sequence, too) are written as JSON
 * escapes, bytes that are no UTF-8 as U+FFFD. A text as long as OU_TEXT_MAX was cut
 * by the trace call, and ends in "...". */
#ifndef OU_TRACE_RENDER_TEXT_H
#define OU_TRACE_RENDER_TEXT_H

#include <ouroscope/message.h>

#include "base/buffer.h"
#include "base/span.h"

/* A JSON string: with quotation marks, and with those in it escaped. */
void text_quoted(struct buffer *out, struct span text);

/* For people, and for text that is JSON already. */
void text_bare(struct buffer *out, struct span text);

/* The same for the text of a record; the middle one is a part of a JSON string. */
void traced_quoted(struct buffer *out, struct ou_text text);
void traced_escaped(struct buffer *out, struct ou_text text);
void traced_bare(struct buffer *out, struct ou_text text);

#endif
