/* The file that the AWS tools keep: sections of profiles with keys and values. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/time.h"
#include "storage/credentials_private.h"

#define FILE_MAX ((size_t)1 << 20)
#define PATH_ROOM 4096

static struct span trimmed(struct span s)
{
    while (s.len > 0 && strchr(" \t\r", *s.at)) {
        s.at++;
        s.len--;
    }
    while (s.len > 0 && strchr(" \t\r", s.at[s.len - 1]))
        s.len--;
    return s;
}

/* The next line without its end and the blanks around it; false behind the last. */
static bool next_line(struct span *rest, struct span *ret)
{
    const char *end;

    if (rest->len == 0)
        return false;
    end = memchr(rest->at, '\n', rest->len);
    *ret = (struct span){ rest->at, end ? (size_t)(end - rest->at) : rest->len };
    rest->at += ret->len + (end != NULL);
    rest->len -= ret->len + (end != NULL);
    *ret = trimmed(*ret);
    return true;
}

/* "[name]", or "[profile name]" as the tools' other file has it. */
static bool is_section_of(struct span line, const char *profile)
{
    struct span name = trimmed((struct span){ line.at + 1, line.len - 2 });

    if (span_starts(name, "profile ") || span_starts(name, "profile\t"))
        name = trimmed((struct span){ name.at + 8, name.len - 8 });
    return span_is(name, profile);
}

static bool is_named(struct span key, const char *name)
{
    return key.len == strlen(name) && strncasecmp(key.at, name, key.len) == 0;
}

/* A value ends where a comment begins: at a "#" or ";" behind a blank. */
static struct span without_comment(struct span value)
{
    for (size_t i = 1; i < value.len; i++)
        if ((value.at[i] == '#' || value.at[i] == ';') &&
            (value.at[i - 1] == ' ' || value.at[i - 1] == '\t'))
            return trimmed((struct span){ value.at, i });
    return value;
}

static enum ou_status take_line(struct span line, struct s3_credentials *ret, struct ou_error *err)
{
    const char *sign = memchr(line.at, '=', line.len);
    struct span key, value;

    if (!sign)
        return OU_OK; /* of settings that have others below them */
    key = trimmed((struct span){ line.at, (size_t)(sign - line.at) });
    value = (struct span){ sign + 1, line.len - (size_t)(sign + 1 - line.at) };
    value = trimmed(without_comment(value));
    if (is_named(key, "aws_access_key_id"))
        return credentials_set(ret->access_key, sizeof ret->access_key, value, "aws_access_key_id",
                               err);
    if (is_named(key, "aws_secret_access_key"))
        return credentials_set(ret->secret_key, sizeof ret->secret_key, value,
                               "aws_secret_access_key", err);
    if (is_named(key, "aws_session_token"))
        return credentials_set(ret->session_token, sizeof ret->session_token, value,
                               "aws_session_token", err);
    return OU_OK;
}

enum ou_status credentials_read(struct span text, const char *name, const char *profile,
                                struct s3_credentials *ret, struct ou_error *err)
{
    struct span line;
    struct ou_error why;
    unsigned number = 0;
    bool inside = false, found = false;

    while (next_line(&text, &line)) {
        number++;
        if (line.len == 0 || *line.at == '#' || *line.at == ';')
            continue;
        if (line.len >= 2 && *line.at == '[' && line.at[line.len - 1] == ']') {
            inside = is_section_of(line, profile);
            found |= inside;
        } else if (inside && take_line(line, ret, &why)) {
            return ou_fail(err, OU_INVALID, "%s:%u: %s", name, number, why.text);
        }
    }
    if (!found)
        return ou_fail(err, OU_NOT_FOUND, "%s has no profile [%s]", name, profile);
    if (!*ret->access_key || !*ret->secret_key)
        return ou_fail(err, OU_NOT_FOUND, "%s has no %s in [%s]", name,
                       *ret->access_key ? "aws_secret_access_key" : "aws_access_key_id", profile);
    ret->expires_ns = TIME_NONE;
    ret->source = "file";
    return OU_OK;
}

/* The path of the file; false: there is no home to look in. */
static bool find_path(const struct credentials_options *options, char ret[PATH_ROOM])
{
    const char *path = options->file ? options->file : getenv("AWS_SHARED_CREDENTIALS_FILE");
    const char *home = getenv("HOME");

    if (path && *path)
        return snprintf(ret, PATH_ROOM, "%s", path) < PATH_ROOM;
    return home && *home && snprintf(ret, PATH_ROOM, "%s/.aws/credentials", home) < PATH_ROOM;
}

/* Others who may read it are told of; it is taken nevertheless, as the AWS tools do. */
static void remark_mode(const char *path, char *ret_remark)
{
    struct stat st;

    if (stat(path, &st) == 0 && st.st_mode & 077)
        snprintf(ret_remark, CREDENTIALS_REMARK_ROOM,
                 "others may read the credentials in %.180s (mode %03o): chmod 600", path,
                 (unsigned)st.st_mode & 0777);
}

enum ou_status credentials_of_file(const struct credentials_options *options,
                                   struct s3_credentials *ret, char *ret_remark,
                                   struct ou_error *err)
{
    const char *profile = options->profile ? options->profile : getenv("AWS_PROFILE");
    char path[PATH_ROOM];
    struct buffer text;
    enum ou_status status;

    if (!find_path(options, path))
        return ou_fail(err, OU_NOT_FOUND, "there is no HOME to look for .aws/credentials in");
    buffer_init(&text, allocator_libc(), FILE_MAX);
    status = file_read(path, &text, err);
    if (!status)
        status = credentials_read((struct span){ text.at, text.len }, path,
                                  profile && *profile ? profile : "default", ret, err);
    if (!status)
        remark_mode(path, ret_remark);
    if (text.at)
        sodium_memzero(text.at, text.cap);
    buffer_release(&text);
    return status;
}
