/* A trace object as a line: what the files hold. Pure; any thread.
 *
 * Every function appends one line, without its newline, and no newline is inside it. Failures stick to
 * the buffer. name is the object's, its parts joined by dots. docs/formats/log-files.md
 * shows the lines. */
#ifndef OU_COLLECT_LINE_FORM_H
#define OU_COLLECT_LINE_FORM_H

#include "base/buffer.h"
#include "wire/trace_object.h"

/* {"at":...,"ns":...,"data":{...},"sev":...,"thread":...,"host":...}. The shape of 2026 brings the
 * line, which is taken over as it is when it is an object on one line (json/check.h). Everything else becomes
 * such an object: of the shape of 2023 from its parts, the machine text being undoubled; what is no
 * object stands as a text in "data":{"unparsed":...}, and where there is no machine text, there is
 * "data":{"human":...} or "data":{}. */
void line_machine(const struct trace_object *o, struct span name, struct buffer *out);

/* The shape of 2026: the node's own text. That of 2023: [host:ns:Sev:thread] [date time UTC] text. Without a text for people
 * the machine's stands in its place. Control characters and bytes that are no
 * characters are escaped. */
void line_human(const struct trace_object *o, struct span name, struct buffer *out);

/* Appends the value of `data` of an object of the shape of 2023: each pair of backslashes becomes one. A text with a
 * single one somewhere has not been doubled, and stays. */
void line_undouble(struct span machine, struct buffer *out);

/* Appends "2026-03-22T06:24:52.123456789012Z", zeros at the end left out. */
void line_time(const struct trace_object *o, struct buffer *out);

#endif
