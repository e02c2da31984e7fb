/* How functions of this project say that something went wrong.
 *
 * A function that can fail returns enum ou_status and, where a person will
 * want to know more, fills a struct ou_error handed in by the caller. Output
 * parameters come last, are named ret_..., and stay untouched on failure.
 * Libraries only return; programs (cmd/) print. Any thread. */
#ifndef OU_BASE_STATUS_H
#define OU_BASE_STATUS_H

enum ou_status {
    OU_OK = 0,
    OU_NO_MEMORY,   /* the allocator said no */
    OU_IO,          /* the operating system said no; the error names the call and the path */
    OU_INVALID,     /* input that does not mean anything */
    OU_TOO_LARGE,   /* input above a stated limit, refused before memory was taken */
    OU_NOT_FOUND,   /* what was asked for does not exist */
    OU_INTERRUPTED, /* the user pressed Ctrl-C */
    OU_USAGE,       /* the caller asked for something that cannot be asked for */
};

/* One message for a person: what, where and why, and the next step where there
 * is one. No newline at the end. Zero-initialise; owns nothing. */
struct ou_error {
    char text[1024];
};

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

/* "no memory", "input/output", ...: a short name for messages; never NULL. */
const char *ou_status_name(enum ou_status status);

#endif
