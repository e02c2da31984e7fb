/* How functions of this project say that something went wrong: see the public
 * header. Libraries only return; programs (cmd/) print. */
#ifndef OU_BASE_STATUS_H
#define OU_BASE_STATUS_H

#include <ouroscope/status.h>

/* Formats a message into err (which may be NULL) and returns status, so that a
 * failing function can end in `return ou_fail(err, OU_IO, "open %s: %s", ...)`.
 * A message that is too long is cut and marked with "...". */
enum ou_status ou_fail(struct ou_error *err, enum ou_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#ifdef __clang_analyzer__
/* clang's analyser reads one file at a time, and has to be told that what goes
 * in comes out; else it believes that a failed call may look like a good one. */
#define ou_fail(err, status, ...) ((void)ou_fail(err, status, __VA_ARGS__), (status))
#endif

#endif
