/* The forms of a message: the line of the machine format, of the human format, and
 * of the legacy layout.
 *
 * A point's plan is made once: its members, `kind` and constants among them,
 * in alphabetical order (as the encoders of Cardano nodes write them), the keys
 * escaped, objects that fields share opened and closed at the right places; and the
 * pieces of its human form. */
#ifndef OU_TRACE_RENDER_H
#define OU_TRACE_RENDER_H

#include <ouroscope/message.h>

#include "base/buffer.h"

struct plan;

/* NULL: no memory. A declaration that is wrong (points_faults() tells) still
 * gets a plan, without what is wrong in it. */
struct plan *plan_new(const struct ou_point *point);
void plan_free(struct plan *plan);

/* The member `data` of the machine form, at the message's detail: a JSON object. */
void render_data(const struct plan *plan, const struct ou_message *m, struct buffer *out);

/* {"at":...,"ns":...,"data":...,"sev":...,"thread":...,"host":...} and a newline. */
void render_machine(const struct plan *plan, const struct ou_message *m, struct buffer *out);

/* [2026-03-22 06:24:52.1234Z][host:Forge.Loop.NodeIsLeader](Info,379) text, and a
 * newline. The text is the point's human form, or {"data":{...}} where it has none. Line
 * breaks and control characters in values are written as JSON escapes, so that a
 * message is one line and cannot steer a terminal. */
void render_human(const struct plan *plan, const struct ou_message *m, bool coloured,
                  struct buffer *out);

/* That line without colours and newline, as nodes forward it; false, and nothing is appended, where the
 * point has no human form. */
bool render_human_form(const struct plan *plan, const struct ou_message *m, struct buffer *out);

/* What is the same in all lines of the legacy layout. */
struct legacy_frame {
    const char *env;  /* "8.1.1:ea2c0" */
    const char *host; /* cut to 8 characters by the caller */
    const char *pid;
    bool maximal; /* TracingVerbosity MaximalVerbosity: whole hashes, all details; else
                         hashes of 8 digits */
};

/* {"app":[],"at":...,"data":...,"env":...,"host":...,"loc":null,"msg":"","ns":["cardano.node.X"],
 * "pid":...,"sev":...,"thread":...} and a newline; at with two decimals, trimmed. */
void render_legacy(const struct plan *plan, const struct ou_message *m,
                   const struct legacy_frame *frame, struct buffer *out);

#endif
