/* How functions of Ouroscope say that something went wrong.
 *
 * A function that can fail returns enum ou_status and, where a person will
 * want to know more, fills a struct ou_error handed in by the caller. Output
 * parameters come last, are named ret_..., and stay untouched on failure.
 * Any thread. */
#ifndef OUROSCOPE_STATUS_H
#define OUROSCOPE_STATUS_H

#ifdef __cplusplus
#error "libouroscope's headers are C; wrap your trace calls in a C file"
#endif

/* What a program that links against the library may call. */
#define OU_API __attribute__((visibility("default")))

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

/* "no memory", "input/output", ...: a short name for messages; never NULL. */
OU_API const char *ou_status_name(enum ou_status status);

#endif
