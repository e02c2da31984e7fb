/* One request to Nomad, for the files of the client alone. */
#ifndef OU_NOMAD_CALL_H
#define OU_NOMAD_CALL_H

#include "nomad/client.h"

struct nomad {
    struct http_client *http;  /* owned */
    char *address;             /* without a slash at the end */
    char *region, *namespace_; /* NULL: the agent's */
    char *token_header;        /* a secret; NULL: none */
    char *token_source;        /* "NOMAD_TOKEN", or the name of a file; NULL: there is none */
    char remark[256];          /* on the token's file; "" */
    const struct retry_policy *policy;
    void (*say)(void *context, const char *why, double wait_s);
    void *say_context;
};

struct nomad_call {
    const char *what;   /* "register the job": of messages; NULL: method and path are told */
    const char *method; /* NULL: GET */
    const char *path;   /* encoded */
    const char *query;  /* encoded; NULL */
    const json_t *body; /* NULL: none */
    uint64_t index;     /* of a blocking query; 0: none */
    double wait_s;
    /* Of an answer that is no document; NULL: it is kept. */
    bool (*take)(void *context, struct span bytes);
    void *context;
    double stall_s; /* 0: what index and wait_s make of it */
    bool once;      /* never asked again */
};

/* Asks until there is a good answer (2xx) or no sense in asking again, and says in err what went wrong. *ret is to be released in
 * any case. */
enum ou_status nomad_call(struct nomad *nomad, const struct nomad_call *call,
                          struct http_reply *ret, struct ou_error *err);
/* Likewise the answer as a document, as nomad_ask() has it. ret_index may be NULL. */
enum ou_status nomad_call_document(struct nomad *nomad, const struct nomad_call *call, json_t **ret,
                                   uint64_t *ret_index, struct ou_error *err);
/* The document in a good answer; *ret is NULL for an empty one and for null. */
enum ou_status nomad_call_read(const struct nomad_call *call, const struct http_reply *reply,
                               json_t **ret, struct ou_error *err);
/* OU_OK for a good answer, else what it means. */
enum ou_status nomad_call_judge(const struct nomad *nomad, const char *what,
                                const struct http_reply *reply, struct ou_error *err);
/* Likewise where only a good answer matters. */
enum ou_status nomad_call_done(struct nomad *nomad, const struct nomad_call *call,
                               struct ou_error *err);

/* One try, for the event stream, which goes on elsewhere each time; nomad_again() waits before the next, or says that there
 * is no sense in it. */
enum ou_status nomad_call_once(struct nomad *nomad, const struct nomad_call *call,
                               struct http_reply *ret, struct ou_error *err);
struct retry nomad_retry(struct nomad *nomad);
bool nomad_again(struct retry *retry, enum ou_status status, struct http_reply *reply);

/* before + encoded id + after, so that no id can reach another path. OU_INVALID for an id that is none,
 * OU_TOO_LARGE. */
#define NOMAD_PATH_ROOM 1024
enum ou_status nomad_path(const char *before, const char *id, const char *after,
                          char ret[NOMAD_PATH_ROOM], struct ou_error *err);
/* Appends "&name=value" (without "&" at the front), the value encoded. */
void nomad_query_add(struct buffer *query, const char *name, const char *value);

/* Whether an error answer will be the same when asked again. */
bool nomad_refusal_lasts(int status, struct span text);

#endif
