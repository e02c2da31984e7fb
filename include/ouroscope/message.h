/* Messages on their way out: outputs of one's own, and folds over messages.
 *
 * What is registered here is called on the library's thread, or on one that flushes, stops or changes the
 * configuration; one call at a time, in the order of the messages. It may trace, and
 * fork: the child must not return, but end in exec or _exit, for what called the function is gone there. It must
 * not call the functions of trace.h and of this header (they refuse), nor load or unload a library
 * that has trace points, nor be cancelled. A message is valid during the call. */
#ifndef OUROSCOPE_MESSAGE_H
#define OUROSCOPE_MESSAGE_H

#include <ouroscope/point.h>

struct ou_text {
    const char *at; /* not terminated */
    size_t len;
};

/* The value of a field. */
struct ou_value {
    enum ou_type type;
    bool known; /* false: the call said OU_NO_..., NULL or NAN, or the detail does not want it */
    union {
        uint64_t u64; /* digits, too; boolean and flag: 0 or 1 */
        int64_t i64;
        double f64;
        struct ou_text text;         /* json, too */
        const uint8_t *hash;         /* parent and txid, too */
        struct ou_chain_point point; /* block, too; hash NULL: the origin */
        struct {
            struct ou_text local, remote;
        } peer;
        struct {
            const char *items; /* as in the record: see point.h */
            uint32_t count;
        } list;
    };
};

struct ou_message {
    const struct ou_point *point;
    int64_t at_ns; /* since 1970-01-01 UTC */
    uint32_t thread;
    enum ou_detail detail;         /* configured */
    const struct ou_value *values; /* point->field_count of them */
    const char *host;
};

/* --- Outputs ------------------------------------------------------------------------- */

/* An output of the program's own, beside the configured ones. */
struct ou_output {
    const char *name;
    bool remote; /* the messages leave this machine: confidential ones are held back */
    bool human;  /* line is the human form, else the machine form */
    /* Which of the messages that pass the configured severity and limiter go
     * there; NULL: all. The routing of messages among outputs. */
    bool (*route)(void *context, const struct ou_message *message);
    /* line ends in a newline. */
    void (*write)(void *context, const struct ou_message *message, struct ou_text line);
    void *context;
};

/* Before ou_trace_start(), or at any time. The output is copied; its name and context stay the
 * program's, and must last. */
OU_API enum ou_status ou_trace_add_output(const struct ou_output *output, struct ou_error *err);

/* Returns when the output is not in use any more. */
OU_API void ou_trace_remove_output(const char *name);

/* --- Folds ------------------------------------------------------------------------------ */

/* Something that is kept about messages: step(state, message) makes the new
 * state. When it returns true, emit(state) is called, which traces the result
 * (a fold with a condition; one without returns true always). It sees each message of
 * its point, filtered out or limited ones, too. */
struct ou_fold {
    struct ou_point *point;
    bool (*step)(void *state, const struct ou_message *message);
    void (*emit)(const void *state); /* may be NULL */
    void *state;
};

OU_API enum ou_status ou_trace_add_fold(const struct ou_fold *fold, struct ou_error *err);
OU_API void ou_trace_remove_fold(const void *state);

#endif
