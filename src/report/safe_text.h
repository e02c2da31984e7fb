/* Foreign text - names of hosts, hashes, paths, all taken from logs - on its way
 * to a person or into a table. Any thread. */
#ifndef OU_REPORT_SAFE_TEXT_H
#define OU_REPORT_SAFE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/span.h"

/* The columns a text takes on a terminal, counted as one per character (wide
 * East Asian characters take two; a table with such names is a little crooked). */
size_t text_columns(struct span text);

/* Appends text so that a terminal only ever prints it: controls (escape
 * sequences begin with one), bytes that are not UTF-8, and the invisible
 * characters that reorder or hide text become \x1b or \u{202e}; with `ascii`
 * everything above ASCII does. */
void safe_text(struct buffer *out, struct span text, bool ascii);

/* Appends valid UTF-8: what is none becomes U+FFFD as in JSON, the rest stays. */
void valid_text(struct buffer *out, struct span text);

#endif
