/* What the files of the S3 client share: the store, one request of it, and how a refusal is told. */
#ifndef OU_STORAGE_S3_PRIVATE_H
#define OU_STORAGE_S3_PRIVATE_H

#include "storage/s3.h"

#define S3_BUCKET_ROOM 256
#define S3_REGION_ROOM 64
#define S3_HOST_ROOM 640
#define S3_URL_MAX ((size_t)64 << 10)
#define S3_HASH_HEADER "x-amz-meta-sha256" /* what our objects say of their content */

struct s3 {
    bool is_https;
    char bucket[S3_BUCKET_ROOM], region[S3_REGION_ROOM];
    char host[S3_HOST_ROOM]; /* as Host has it: of the bucket where it is virtual */
    bool bucket_in_host;
    struct {
        enum credentials_source source;
        char *file, *profile, *instance_endpoint; /* owned; NULL: not given */
    } from;                                       /* where credentials can be had again */
    struct s3_credentials credentials;
    struct http_client *client;
    const struct retry_policy *policy;
    void (*say)(void *context, const char *why, double wait_s);
    void *context;
    int64_t (*now_ns)(void); /* the wall clock; tests have another */
    /* Whether the hash that a URL was signed with is part of what the store takes to have been signed; asked of it once. */
    enum s3_url_hash { URL_HASH_UNKNOWN, URL_HASH_SIGNED, URL_HASH_UNSIGNED } url_hash;
    unsigned page_keys; /* of a list at most; 0: 1000 */
};

struct s3_call {
    const char *method;
    const char *key;    /* NULL: the bucket itself */
    const char *action; /* that a policy must allow: "s3:GetObject" */
    const struct sigv4_pair *query, *headers;
    size_t query_count, header_count;
    const char *payload_sha256;   /* of a file's part; NULL: worked out of the body in memory */
    struct http_request transfer; /* its body, file, take and body_max; all else is filled in */
    int also_good;                /* a status besides 2xx; 0: none */
    bool fails_late;              /* a failure may come in the body of a 200 */
};

/* Signs and sends it, and again where that helps. OU_OK with a reply of status 2xx (or also_good), which the caller releases in
 * any case. */
enum ou_status s3_call(struct s3 *s3, const struct s3_call *call, struct http_reply *ret,
                       struct ou_error *err);

/* Of what s3_call() does before it sends. */
void s3_path(const struct s3 *s3, const char *key, struct buffer *ret);
enum ou_status s3_check_key(const char *key, struct ou_error *err);
/* Looks for credentials again when those of an instance are about to expire. */
enum ou_status s3_renew(struct s3 *s3, struct ou_error *err);

/* ---- refusals (s3_errors.c) ---- */

/* What a server says of a refusal: its XML, else "" for each. */
struct s3_refusal {
    char code[64], message[256], region[S3_REGION_ROOM];
};
void s3_read_refusal(const struct http_reply *reply, struct s3_refusal *ret);
/* What passes although its status does not say so: content that was damaged on its way, a request that came too slowly. */
bool s3_refusal_may_pass(const struct s3_refusal *refusal);
/* retry_again(), for refusals of stores, too, that pass although their status is 4xx. */
bool s3_retry_again(struct retry *retry, enum ou_status status, struct http_reply *reply);
/* Tells of a reply that is no success, with what to do. */
enum ou_status s3_refused(const struct s3 *s3, const struct s3_call *call,
                          const struct http_reply *reply, struct ou_error *err);

/* ---- XML (s3_xml.c) ---- */

/* Called in order of the document. Names have no prefix; `parent` is "" of the root. */
struct s3_xml {
    bool (*leaf)(void *context, const char *parent, const char *name, const char *text);
    bool (*end)(void *context, const char *name); /* of an element with others in it */
    void *context;                                /* either function returns false to stop */
};
/* OU_INVALID: no XML, or none as a store sends it (a document type, elements in each other more than 8 deep, a text beyond 8 KiB). */
enum ou_status s3_xml_read(struct span text, const struct s3_xml *xml, struct ou_error *err);

/* ---- lists (s3_list.c) ---- */

/* One page, read out of XML; for its harness. `tell` returns false to stop, which *ret_more is false for. ret_next is the token of the next page. */
#define S3_TOKEN_ROOM 4096
enum ou_status s3_read_list(struct span text, const char *prefix,
                            bool (*tell)(void *context, const struct s3_object *object),
                            void *context, bool *ret_more, char ret_next[S3_TOKEN_ROOM],
                            struct ou_error *err);

/* ---- parts (s3_parts.c) ---- */

/* s3_parts_begin() for content that is known: the object will say its hash. */
enum ou_status s3_parts_begin_hashed(struct s3 *s3, const char *key, const char sha256[SHA256_HEX],
                                     char *ret_upload, size_t room, struct ou_error *err);

/* ---- small things ---- */

/* Copies an ETag without the quotes around it; one that is too long becomes "". */
void s3_copy_etag(struct span etag, char ret[S3_ETAG_ROOM]);

#endif
