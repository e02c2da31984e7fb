/* Foreign text, character by character. Pure; any thread. */
#ifndef OU_BASE_UTF8_H
#define OU_BASE_UTF8_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* U+FFFD, which is written in place of what is no character. */
#define UTF8_REPLACEMENT "\xef\xbf\xbd"

/* Takes one character off the front of a text that is not empty. False when no
 * valid one stands there: then what is taken is the longest start of a
 * character, or one byte - what Unicode wants to see replaced by one U+FFFD,
 * which is *ret_character (Unicode 15, section 3.9). */
bool utf8_next(struct span *text, uint32_t *ret_character);

/* Whether all of it is characters. ASCII goes by at the speed of memory. */
bool utf8_is_valid(struct span text);

#endif
