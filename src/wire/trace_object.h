/* The unit of forwarding: a message of a node as it travels. Pure.
 *
 *     [0, human, machine, [names], [severity], [detail], time, host, thread]
 *
 * Two shapes exist under one version of the protocol: that of 2023, whose machine text is
 * optional and is the member `data` alone with every backslash doubled, whose name comes in
 * segments, and whose thread reads "ThreadId 9"; and that of 2026, whose machine text is the
 * whole log line. Both are read; which one it was is seen in `machine_kind`. */
#ifndef OU_WIRE_TRACE_OBJECT_H
#define OU_WIRE_TRACE_OBJECT_H

#include <ouroscope/status.h>

#include "wire/cbor.h"

#define TRACE_NAME_PARTS_MAX 32
#define TRACE_SEVERITIES 8 /* Debug 0 ... Emergency 7 */
#define TRACE_DETAILS 4    /* DMinimal 0 ... DMaximum 3 */

enum machine_kind {
    MACHINE_ABSENT, /* 80: the shape of 2023 without a machine rendering */
    MACHINE_DATA,   /* 81 text: the shape of 2023, `data` with doubled backslashes */
    MACHINE_LINE,   /* text: the shape of 2026, a whole line; empty when there is none */
};

/* Views point into the message. All texts are valid UTF-8. */
struct trace_object {
    bool has_human;
    struct span human;
    enum machine_kind machine_kind;
    struct span machine;
    struct span name[TRACE_NAME_PARTS_MAX]; /* to be joined by dots */
    size_t name_count;
    uint8_t severity, detail;
    int64_t seconds;      /* since 1970-01-01 UTC; may be negative */
    uint64_t picoseconds; /* below 10^12 */
    struct span host;
    struct span thread; /* as it came */
};

/* Takes one object; a failure sticks to the cursor. Lists may be definite or not, texts are
 * definite; time comes as tag 1000 ({1: s, -12: ps}, keys in any order), as tag 1 (a whole
 * number or a float), or as tag 0 (RFC 3339 text). */
void trace_object_read(struct cbor *c, struct trace_object *ret);

/* As the Haskell encoder writes it: shortest heads, the list of names indefinite unless empty. */
void trace_object_write(struct buffer *b, const struct trace_object *o);

/* The digits alone of "ThreadId 9" and "9". */
struct span trace_object_thread(const struct trace_object *o);

/* The time in nanoseconds; clamped to 1970..2262. */
int64_t trace_object_ns(const struct trace_object *o);

/* Appends the name, its parts joined by dots. */
void trace_object_name(const struct trace_object *o, struct buffer *out);

#endif
