/* What was begun in a sweep and what became of it, a line of JSON each (docs/formats/sweep.md). A line that was cut off by the
 * end of its writer is none. For sweep.c. */
#ifndef OU_WORKBENCH_SWEEP_JOURNAL_H
#define OU_WORKBENCH_SWEEP_JOURNAL_H

#include "workbench/sweep.h"

#define SWEEP_JOURNAL_BYTES_MAX ((size_t)256 << 20)

/* X(name, text) */
#define SWEEP_EVENTS(X)     \
    X(begun, "begun")       \
    X(done, "done")         \
    X(failed, "failed")     \
    X(given_up, "given-up") \
    X(interrupted, "interrupted")

enum sweep_event {
#define X(name, text) SWEEP_##name,
    SWEEP_EVENTS(X)
#undef X
};

struct sweep_entry {
    enum sweep_event event;
    size_t run;            /* in the order */
    const char *directory; /* below the sweep's: "runs/..."; "" */
    double seconds;
    const char *cause; /* "" */
};

/* Opens SWEEP/journal.jsonl, makes it if need be, keeps other processes out, takes a cut line away, and reads all others
 * into *s. OU_IO: another process has it. */
enum ou_status sweep_journal_open(struct sweep *s, struct ou_error *err);
/* Reads it and changes nothing; that there is none is fine. */
enum ou_status sweep_journal_read(struct sweep *s, struct ou_error *err);
void sweep_journal_close(struct sweep *s);

/* Appends and syncs, then takes it into *s. */
enum ou_status sweep_journal_add(struct sweep *s, const struct sweep_entry *entry,
                                 struct ou_error *err);

/* Takes what a line tells into *s, without a file: for tests and for reading alone. OU_INVALID: it is none of this sweep. */
enum ou_status sweep_journal_take(struct sweep *s, struct span line, struct ou_error *err);

#endif
