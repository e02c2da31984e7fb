/* One line while it is being read: what line.c and event_fields.c share.
 *
 * The functions return false when they have set `reject`, whose first value
 * stays. */
#ifndef OU_LOGS_READING_H
#define OU_LOGS_READING_H

#include "json/scan.h"
#include "logs/line.h"

struct reading {
    struct scan scan;
    struct arena *scratch;
    struct line *line;
    enum reject reject;      /* REJECTS until something is wrong */
    enum reject body_reject; /* what is wrong with a body that could be walked over */
};

bool reading_reject(struct reading *r, enum reject reason); /* always false */

/* Turns what the scanner says into a reason; always false. */
bool reading_reject_scan(struct reading *r);

static inline bool reading_fine(const struct reading *r)
{
    return r->reject == REJECTS;
}

static inline bool reading_skip(struct reading *r)
{
    return scan_skip(&r->scan) || reading_reject_scan(r);
}

static inline bool reading_skip_rest(struct reading *r)
{
    return scan_skip_rest(&r->scan) || reading_reject_scan(r);
}

/* The text a string of the line stands for. */
bool reading_unescape(struct reading *r, struct span raw, struct span *ret);

static inline bool reading_text(struct reading *r, struct scan_text text, struct span *ret)
{
    *ret = text.raw;
    return !text.escaped || reading_unescape(r, text.raw, ret);
}

static inline bool reading_string(struct reading *r, struct span *ret)
{
    struct scan_text text;

    return scan_string(&r->scan, &text) ? reading_text(r, text, ret) : reading_reject_scan(r);
}

/* An object is read as
 *     reading_enter(r, &walk), then: while (reading_member(r, &walk)) use walk.key
 * and is fine when the reading still is behind the loop. */
struct walk {
    bool started;
    struct span key;
};

static inline bool reading_enter(struct reading *r, struct walk *walk)
{
    *walk = (struct walk){ 0 };
    return scan_enter_object(&r->scan) || reading_reject_scan(r);
}

static inline bool reading_member(struct reading *r, struct walk *walk)
{
    struct scan_text key;
    bool first = !walk->started;

    walk->started = true;
    if (!scan_member(&r->scan, &first, &key))
        return r->scan.problem != SCAN_FINE && reading_reject_scan(r);
    return reading_text(r, key, &walk->key);
}

/* A number that is not negative. */
bool reading_count(struct reading *r, int64_t *ret);

/* Reads the fields of an event from its body, whose '{' is under the cursor,
 * into r->line->event, and moves behind the body. */
bool reading_event(struct reading *r, enum event_kind kind);

#endif
