/* From the text of one log line to what it says.
 *
 * All dialects in which nodes have written their traces are understood, line by
 * line and freely mixed:
 *
 *   new      {"at":"...","ns":"Forge.Loop.ForgedBlock","data":{...},"sev":...,"thread":...,"host":...}
 *   legacy   {"app":[],"at":"...","data":{"kind":"TraceForgedBlock",...},...,"ns":["cardano.node.Forge"],...}
 *            forge events wrapped: "data":{"credentials":"...","val":{"kind":...}}
 *   journal  {"MESSAGE":"{\"at\":...}","_HOSTNAME":"...",...}, as `journalctl -o json` exports
 *
 * Of keys that occur twice the first counts. */
#ifndef OU_LOGS_LINE_H
#define OU_LOGS_LINE_H

#include "base/arena.h"
#include "logs/event.h"

/* X(id, code, expected, reason). Expected ones are set aside on purpose; the
 * others are faults of the log. */
#define OU_REJECTS(X)                                                                           \
    X(CUT_LINE, "cut-line", false, "the line ends in the middle of a JSON value")               \
    X(NOT_JSON, "not-json", false, "the line is not a JSON object")                             \
    X(BAD_JSON, "bad-json", false, "the line is not well-formed JSON")                          \
    X(TOO_LONG, "line-too-long", false, "the line is longer than 4 MiB")                        \
    X(NO_TIME, "no-time", false, "the line has no time stamp (member \"at\")")                  \
    X(BAD_TIME, "bad-time", false, "the time stamp is not an ISO 8601 instant of 1970 to 2262") \
    X(BAD_NAMESPACE, "bad-namespace", false,                                                    \
      "the member \"ns\" is neither a string nor an array of one string")                       \
    X(NO_NAME, "no-name", false, "the line has neither a namespace nor a kind")                 \
    X(MISSING_FIELD, "missing-field", false, "an event lacks a field that it must have")        \
    X(BAD_FIELD, "bad-field", false, "a field of an event is not of the type it must have")     \
    X(NUMBER_RANGE, "number-range", false, "a number of an event is out of range")              \
    X(NO_MEMORY, "no-memory", false, "there was no memory for the line")                        \
    X(FALLING_EDGE, "falling-edge", true,                                                       \
      "a header announcement's falling edge: the announcement itself was logged before")        \
    X(NON_BLOCKING, "non-blocking", true,                                                       \
      "a header served to a peer that is catching up: no announcement")                         \
    X(ROLL_BACK, "roll-back", true, "a roll-back told to a peer: no announcement")              \
    X(JOURNAL_TEXT, "journal-text", true, "a journal record whose message is not a trace")      \
    X(JOURNAL_OMITTED, "journal-omitted", false,                                                \
      "the journal left out a long message; export again with `journalctl -o json --all`")

enum reject {
#define X(id, code, expected, reason) REJECT_##id,
    OU_REJECTS(X)
#undef X
        REJECTS,
};

struct reject_info {
    const char *code, *reason;
    bool expected;
};
extern const struct reject_info reject_infos[REJECTS];

enum line_outcome {
    LINE_EVENT,    /* an event: ret->event holds it */
    LINE_OTHER,    /* a trace that the analysis does not read */
    LINE_REJECTED, /* ret->reject says why */
    LINE_BLANK,    /* nothing but white space */
};

struct line {
    enum reject reject;
    int64_t at_ns;      /* TIME_NONE when it could not be read */
    struct span name;   /* the namespace, or the kind of a legacy line; may be empty */
    struct span host;   /* as the line says; empty when it does not */
    struct event event; /* host is left to the caller */
    size_t used;        /* bytes of the text that belong to this line's object */
};

/* Reads the object at the start of text, which SCAN_PADDING readable bytes
 * follow. What escapes hide and samples hold is put into scratch, which lives
 * as long as the event. Any thread. */
enum line_outcome line_read(struct span text, struct arena *scratch, struct line *ret);

#endif
