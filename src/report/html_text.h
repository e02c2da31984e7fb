/* Text on its way into a page. Whatever it says, it stays text: of an element, of
 * an attribute in double quotes, or of a JSON document inside a script element.
 * Any thread. */
#ifndef OU_REPORT_HTML_TEXT_H
#define OU_REPORT_HTML_TEXT_H

#include "base/buffer.h"

/* For elements and quoted attributes. What cannot be seen, or reorders what stands around it, is
 * shown by its number, as safe_text() does; a newline in it is one of those. */
void html_escape(struct buffer *out, const char *text);

/* A name of ours and then any text, as an id and as its link: letters, which become small, and digits
 * stay, and a hyphen is for all that stands between them. */
void html_id(struct buffer *out, const char *prefix, const char *text);

/* A whole JSON document: no tag or comment can begin or end in it, and no line separator breaks it. */
void html_json(struct buffer *out, const char *json);

#endif
