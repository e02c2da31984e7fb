#include "storage/credentials.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "storage/credentials_private.h"

enum ou_status credentials_set(char *to, size_t room, struct span value, const char *what,
                               struct ou_error *err)
{
    if (value.len >= room)
        return ou_fail(err, OU_INVALID, "%s is too long", what);
    for (size_t i = 0; i < value.len; i++)
        if ((unsigned char)value.at[i] <= 0x20 || (unsigned char)value.at[i] >= 0x7f)
            return ou_fail(err, OU_INVALID, "%s has a blank or a character beyond ASCII", what);
    if (value.len > 0)
        memcpy(to, value.at, value.len);
    to[value.len] = '\0';
    return OU_OK;
}

void credentials_forget(struct s3_credentials *credentials)
{
    sodium_memzero(credentials, sizeof *credentials);
}

static const char *environment(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

static bool is_in_environment(void)
{
    return *environment("AWS_ACCESS_KEY_ID") || *environment("AWS_SECRET_ACCESS_KEY");
}

static enum ou_status of_environment(struct s3_credentials *ret, struct ou_error *err)
{
    const char *access = environment("AWS_ACCESS_KEY_ID");
    const char *secret = environment("AWS_SECRET_ACCESS_KEY");
    const char *token = environment("AWS_SESSION_TOKEN");
    const char *expires = environment("AWS_CREDENTIAL_EXPIRATION");
    enum ou_status status;

    if (!*access || !*secret)
        return ou_fail(err, OU_NOT_FOUND, "%s is not in the environment",
                       *access ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    status = credentials_set(ret->access_key, sizeof ret->access_key, span_of(access),
                             "AWS_ACCESS_KEY_ID in the environment", err);
    if (!status)
        status = credentials_set(ret->secret_key, sizeof ret->secret_key, span_of(secret),
                                 "AWS_SECRET_ACCESS_KEY in the environment", err);
    if (!status)
        status = credentials_set(ret->session_token, sizeof ret->session_token, span_of(token),
                                 "AWS_SESSION_TOKEN in the environment", err);
    if (!time_parse_iso(expires, strlen(expires), &ret->expires_ns))
        ret->expires_ns = TIME_NONE;
    ret->source = "environment";
    return status;
}

static enum ou_status of_any(const struct credentials_options *options, struct s3_credentials *ret,
                             char *ret_remark, struct ou_error *err)
{
    struct ou_error of_file = { "" };
    enum ou_status status;

    if (is_in_environment())
        return of_environment(ret, err);
    status = credentials_of_file(options, ret, ret_remark, &of_file);
    if (status == OU_NOT_FOUND)
        return ou_fail(err, status,
                       "no credentials: AWS_ACCESS_KEY_ID is not in the environment; %s; and an "
                       "instance's are used only when they are asked for",
                       of_file.text);
    return status ? ou_fail(err, status, "%s", of_file.text) : OU_OK;
}

enum ou_status credentials_find(const struct credentials_options *options,
                                struct s3_credentials *ret, char *ret_remark, struct ou_error *err)
{
    enum ou_status status = OU_USAGE;

    *ret = (struct s3_credentials){ .expires_ns = TIME_NONE };
    *ret_remark = '\0';
    switch (options->source) {
    case CREDENTIALS_ANY: status = of_any(options, ret, ret_remark, err); break;
    case CREDENTIALS_ENVIRONMENT: status = of_environment(ret, err); break;
    case CREDENTIALS_FILE: status = credentials_of_file(options, ret, ret_remark, err); break;
    case CREDENTIALS_INSTANCE: status = credentials_of_instance(options, ret, err); break;
    }
    if (status)
        credentials_forget(ret);
    return status;
}
