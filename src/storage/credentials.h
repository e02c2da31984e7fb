/* Credentials of an object store: where they come from. They are shown nowhere: errors name places, never values. */
#ifndef OU_STORAGE_CREDENTIALS_H
#define OU_STORAGE_CREDENTIALS_H

#include <stdint.h>

#include "base/status.h"
#include "http/client.h"

#define CREDENTIAL_ROOM 256
#define SESSION_TOKEN_ROOM 8192

struct s3_credentials {
    char access_key[CREDENTIAL_ROOM], secret_key[CREDENTIAL_ROOM];
    char session_token[SESSION_TOKEN_ROOM]; /* "": none */
    int64_t expires_ns;                     /* wall clock; TIME_NONE: never, or not known */
    const char *source; /* "environment", "file", "instance": static, for messages */
};

enum credentials_source {
    CREDENTIALS_ANY, /* environment, else file; never the instance, which must be asked for */
    CREDENTIALS_ENVIRONMENT, /* AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN */
    CREDENTIALS_FILE,        /* of the AWS tools: [profile] aws_access_key_id = ... */
    CREDENTIALS_INSTANCE, /* the metadata service of a machine in a cloud, version 2 (token first), http://169.254.169.254 */
};

struct credentials_options {
    enum credentials_source source;
    const char *file;    /* NULL: AWS_SHARED_CREDENTIALS_FILE, else ~/.aws/credentials */
    const char *profile; /* NULL: AWS_PROFILE, else "default" */
    const char *
        instance_endpoint; /* NULL: AWS_EC2_METADATA_SERVICE_ENDPOINT, else the link-local address */
};

/* OU_NOT_FOUND names all places that were looked at and what was missing there. A file that others may read (mode & 077) is
 * taken, and told in *ret_remark (at least 256 bytes; "" when there is none). */
enum ou_status credentials_find(const struct credentials_options *options,
                                struct s3_credentials *ret, char *ret_remark, struct ou_error *err);
/* Overwrites them (sodium_memzero). */
void credentials_forget(struct s3_credentials *credentials);

#endif
