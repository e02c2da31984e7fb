/* What a sweep file says, but for its axes. For sweep.c. */
#ifndef OU_WORKBENCH_SWEEP_FILE_H
#define OU_WORKBENCH_SWEEP_FILE_H

#include "workbench/sweep.h"

#define SWEEP_FILE_BYTES_MAX ((size_t)1 << 20)
#define SWEEP_LABEL_MAX 64 /* bytes of names and labels */

/* Where in which file something stands, for messages. */
struct sweep_place {
    const char *source;
    const char *path; /* "axes[1]"; "": the whole */
    struct ou_error *err;
};

/* OU_INVALID: "SOURCE: PATH.MEMBER: ..."; member may be "". */
enum ou_status sweep_fail(const struct sweep_place *at, const char *member, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether an object has no members but those of `known`, whose end is NULL. */
enum ou_status sweep_check_members(const struct sweep_place *at, const json_t *object,
                                   const char *const *known);

/* Whether a text is one line of 1 to SWEEP_LABEL_MAX bytes. */
bool sweep_is_line(const char *text, size_t len);
bool sweep_is_label(const json_t *text);

/* Whether an overlay may be laid over the profile: an object that does not say which profile it is. */
enum ou_status sweep_check_overlay(const struct sweep_place *at, const char *member,
                                   const json_t *overlay);

/* Fills in everything of *s that s->file, which must be there, says by itself; texts go to s->memory. Repetitions and budget
 * as changes say. */
enum ou_status sweep_file_read(struct sweep *s, const char *source,
                               const struct sweep_changes *changes, struct ou_error *err);

/* "2h", "1h30m", "90s", "1d" in seconds. */
bool sweep_read_duration(const char *text, double *ret_s);

#endif
