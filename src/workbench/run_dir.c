#include "workbench/run_dir.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "base/utf8.h"
#include "json/tree.h"

#define STATUS_BYTES_MAX ((size_t)1 << 20)
#define TRIES_MAX 1000
#define DIGITS "0123456789abcdef"
#define RANDOM_DIGITS 6

/* ---- names ---- */

static bool is_label_char(char c)
{
    return isalnum((unsigned char)c) || (c && strchr(".+-_", c));
}

enum ou_status run_label_check(const char *what, const char *label, struct ou_error *err)
{
    size_t len = strlen(label);

    if (len > RUN_LABEL_MAX)
        return ou_fail(err, OU_USAGE, "%s is longer than %d characters", what, RUN_LABEL_MAX);
    if (label[0] == '.')
        return ou_fail(err, OU_USAGE, "%s begins with a dot", what);
    for (size_t i = 0; i < len; i++)
        if (!is_label_char(label[i]))
            return ou_fail(err, OU_USAGE,
                           "%s may have letters, digits and .+-_ in it, because it becomes part "
                           "of a folder's name",
                           what);
    return OU_OK;
}

static void label_of(const char *text, char ret[RUN_LABEL_MAX + 1])
{
    size_t len = 0;

    for (; len < RUN_LABEL_MAX && text[len]; len++)
        ret[len] = is_label_char(text[len]) ? text[len] : '-';
    ret[len] = '\0';
}

static void random_label(char ret[RUN_LABEL_MAX + 1])
{
    for (int i = 0; i < RANDOM_DIGITS; i++)
        ret[i] = DIGITS[randombytes_uniform(sizeof DIGITS - 1)];
    ret[RANDOM_DIGITS] = '\0';
}

/* "2026-11-22T10-00-00": sorts by time, and has no colon, which some programs take for a host's end. */
static void name_now(char ret[32])
{
    time_t now = time(NULL);
    struct tm date;

    gmtime_r(&now, &date);
    strftime(ret, 32, "%Y-%m-%dT%H-%M-%S", &date);
}

/* What comes behind the profile in the name of the n-th try. */
static void label_of_try(const char *ident, int number, char ret[RUN_LABEL_MAX + 16])
{
    char drawn[RUN_LABEL_MAX + 1];

    if (ident[0] == '\0') {
        random_label(drawn);
        snprintf(ret, RUN_LABEL_MAX + 16, "%s", drawn);
    } else if (number == 0) {
        snprintf(ret, RUN_LABEL_MAX + 16, "%s", ident);
    } else {
        snprintf(ret, RUN_LABEL_MAX + 16, "%s-%d", ident, number + 1);
    }
}

/* A convenience that nothing depends on: that it fails is nobody's failure. Put in its place at once, as several runs may be
 * made at the same time. */
static void link_latest(const char *parent, const char *name)
{
    char link[PATH_MAX], made[PATH_MAX];

    if (snprintf(link, sizeof link, "%s/.latest", parent) >= (int)sizeof link ||
        snprintf(made, sizeof made, "%s/.latest-%d", parent, (int)getpid()) >= (int)sizeof made)
        return;
    unlink(made);
    if (symlink(name, made) == 0 && rename(made, link) < 0)
        unlink(made);
}

enum ou_status run_dir_create(const char *parent, const char *profile, const char *ident, char *ret,
                              size_t room, struct ou_error *err)
{
    char at[32], of_profile[RUN_LABEL_MAX + 1], label[RUN_LABEL_MAX + 16];
    enum ou_status status = run_label_check("the ident", ident, err);

    if (!status)
        status = file_make_directory(parent, err);
    if (status)
        return status;
    if (sodium_init() < 0)
        return ou_fail(err, OU_IO, "no random numbers");
    name_now(at);
    label_of(profile, of_profile);
    for (int i = 0; i < TRIES_MAX; i++) {
        label_of_try(ident, i, label);
        if (snprintf(ret, room, "%s/%s_%s_%s", parent, at, of_profile, label) >= (int)room)
            return ou_fail(err, OU_IO, "%.80s...: the path is too long", parent);
        if (mkdir(ret, 0777) == 0) {
            link_latest(parent, strrchr(ret, '/') + 1);
            return run_state_set(ret, RUN_allocated, "", err);
        }
        if (errno != EEXIST)
            return ou_fail(err, OU_IO, "make folder %s: %s", ret, strerror(errno));
    }
    return ou_fail(err, OU_IO, "%s is taken, and so are all like it", ret);
}

/* ---- states ---- */

const char *run_state_name(enum run_state state)
{
    static const char *const names[] = {
#define X(name, text) [RUN_##name] = (text),
        RUN_STATES(X)
#undef X
    };

    return names[state];
}

static bool find_state(const char *name, enum run_state *ret)
{
    for (int i = 0; i <= RUN_failed; i++) {
        if (strcmp(name, run_state_name((enum run_state)i)) == 0) {
            *ret = (enum run_state)i;
            return true;
        }
    }
    return false;
}

static enum ou_status status_path(const char *run_directory, char ret[PATH_MAX],
                                  struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/status.json", run_directory) >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", run_directory);
    return OU_OK;
}

/* Causes tell what programs said, which need not be characters. */
static json_t *text_of(const char *text)
{
    struct span rest = span_of(text);
    char clean[3 * sizeof((struct ou_error){ 0 }.text)];
    size_t len = 0;

    while (rest.len && len + 4 < sizeof clean) {
        struct span before = rest;
        uint32_t ignored;
        bool good = utf8_next(&rest, &ignored);
        struct span piece =
            good ? (struct span){ before.at, before.len - rest.len } : span_of(UTF8_REPLACEMENT);

        memcpy(clean + len, piece.at, piece.len);
        len += piece.len;
    }
    return json_stringn(clean, len);
}

/* {"state", "at", "cause"} */
static json_t *change_of(enum run_state state, const char *cause)
{
    char at[TIME_ISO_ROOM];

    time_format_iso(time_wall_ns(), at);
    return json_pack("{s:s, s:s, s:o}", "state", run_state_name(state), "at", at, "cause",
                     text_of(cause));
}

/* The newest change stands at the top, all changes below it. */
static json_t *document_with(json_t *history, enum run_state state, const char *cause)
{
    json_t *change = change_of(state, cause), *document;

    if (!change || json_array_append(history, change) < 0) {
        json_decref(change);
        return NULL;
    }
    document = json_pack("{s:i}", "schema", 1);
    if (document && (json_object_update(document, change) < 0 ||
                     json_object_set(document, "history", history) < 0)) {
        json_decref(document);
        document = NULL;
    }
    json_decref(change);
    return document;
}

static enum ou_status check_plain(const char *path, struct ou_error *err)
{
    struct stat st;

    return stat(path, &st) < 0 || S_ISREG(st.st_mode)
               ? OU_OK /* that it is not there is told by whoever opens it */
               : ou_fail(err, OU_INVALID, "%s: it is no plain file", path);
}

/* The changes so far; an empty list when there is no file yet. */
static enum ou_status load_history(const char *path, json_t **ret, struct ou_error *err)
{
    json_t *document = NULL, *history;
    struct ou_error why = { 0 }; /* that there is no file yet is no error to be told of later */
    enum ou_status status = check_plain(path, &why);

    if (!status)
        status = json_tree_load(path, STATUS_BYTES_MAX, &document, &why);
    if (status == OU_NOT_FOUND) {
        *ret = json_array();
        return *ret ? OU_OK : ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    }
    if (status)
        return ou_fail(err, status, "%s", why.text);
    history = json_object_get(document, "history");
    if (json_is_array(history))
        *ret = json_incref(history);
    else
        status = ou_fail(err, OU_INVALID, "%s: member history must be a list", path);
    json_decref(document);
    return status;
}

enum ou_status run_state_set(const char *run_directory, enum run_state state, const char *cause,
                             struct ou_error *err)
{
    json_t *history = NULL, *document;
    char path[PATH_MAX];
    enum ou_status status = status_path(run_directory, path, err);

    if (!status)
        status = load_history(path, &history, err);
    if (status)
        return status;
    document = document_with(history, state, cause);
    status = document ? json_tree_save(document, path, err)
                      : ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    json_decref(document);
    json_decref(history);
    return status;
}

enum ou_status run_file_load(const char *run_directory, const char *name, size_t bytes_max,
                             json_t **ret, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status;

    if (snprintf(path, sizeof path, "%s/%s", run_directory, name) >= (int)sizeof path)
        return ou_fail(err, OU_IO, "%.80s...: the path is too long", run_directory);
    status = check_plain(path, err);
    return status ? status : json_tree_load(path, bytes_max, ret, err);
}

enum ou_status run_state_get(const char *run_directory, enum run_state *ret, struct ou_error *err)
{
    json_t *document = NULL;
    enum ou_status status =
        run_file_load(run_directory, "status.json", STATUS_BYTES_MAX, &document, err);
    const char *name;

    if (status)
        return status;
    name = json_string_value(json_object_get(document, "state"));
    if (!name || !find_state(name, ret))
        status = ou_fail(err, OU_INVALID, "%s/status.json: member state is none of those of a run",
                         run_directory);
    json_decref(document);
    return status;
}
