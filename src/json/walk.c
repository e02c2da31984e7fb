#include "json/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/utf8.h"
#include "json/scan.h"

/* Twice the longest text, so that one that began in the window has room to end in it. */
#define WINDOW_BYTES (2 * WALK_TEXT_MAX)

/* ---- the window ---- */

static uint64_t offset_of(const struct json_walk *w, const char *at)
{
    return w->window_offset + (uint64_t)(at - w->window);
}

/* The next bytes of the file or text, as read() tells them. */
static ssize_t fetch(struct json_walk *w, char *room, size_t max)
{
    ssize_t got;

    if (w->fd < 0) {
        got = (ssize_t)(w->rest.len < max ? w->rest.len : max);
        if (got > 0)
            memcpy(room, w->rest.at, (size_t)got);
        w->rest.at += got;
        w->rest.len -= (size_t)got;
        return got;
    }
    do
        got = read(w->fd, room, max);
    while (got < 0 && errno == EINTR && !interrupt_pending());
    return got;
}

/* Reads on, with the bytes from *keep kept; *keep is where they are then, and w->at moves along. False at the end
 * of the file, or of a window that is full, or when reading fails. */
static bool read_on(struct json_walk *w, char **keep)
{
    size_t kept = (size_t)(w->end - *keep), read_before = (size_t)(w->at - *keep);
    ssize_t got;

    if (w->at_eof || w->status || kept == WINDOW_BYTES)
        return false;
    w->window_offset += (uint64_t)(*keep - w->window);
    memmove(w->window, *keep, kept);
    *keep = w->window;
    w->at = w->window + read_before;
    w->end = w->window + kept;
    got = fetch(w, w->end, WINDOW_BYTES - kept);
    if (got < 0 || interrupt_pending()) {
        w->status = interrupt_pending() ? OU_INTERRUPTED : OU_IO;
        w->os_error = got < 0 ? errno : 0;
        return false;
    }
    w->at_eof = got == 0;
    if (w->tap && got > 0)
        w->tap(w->tap_context, w->end, (size_t)got);
    w->end += got;
    return got > 0;
}

/* Moves over blanks. False at the end of the file. */
static bool skip_blanks(struct json_walk *w)
{
    do {
        for (; w->at < w->end; w->at++) {
            if (*w->at == '\n') {
                w->line++;
                w->line_offset = offset_of(w, w->at) + 1;
            } else if (*w->at != ' ' && *w->at != '\t' && *w->at != '\r') {
                return true;
            }
        }
    } while (read_on(w, &w->at));
    return false;
}

/* ---- faults ---- */

static enum ou_status fail_to_read(const struct json_walk *w, struct ou_error *err)
{
    if (w->status == OU_INTERRUPTED)
        return ou_fail(err, OU_INTERRUPTED, "read %s: interrupted", w->path);
    return ou_fail(err, w->status, "read %s: %s", w->path, strerror(w->os_error));
}

/* What stands at w->at is no JSON. */
static enum ou_status fail_here(struct json_walk *w, const char *problem, struct ou_error *err)
{
    w->problem = problem;
    w->problem_line = w->line;
    w->problem_column = offset_of(w, w->at) - w->line_offset + 1;
    return ou_fail(err, OU_INVALID, "%s:%" PRIu64 ":%" PRIu64 ": %s", w->path, w->problem_line,
                   w->problem_column, w->problem);
}

/* There is nothing more where there should be. */
static enum ou_status fail_at_end(struct json_walk *w, struct ou_error *err)
{
    if (w->status)
        return fail_to_read(w, err);
    w->at = w->end;
    return fail_here(w, "the file ends too early: it is cut, or a bracket is not closed", err);
}

/* ---- texts, numbers and words ---- */

/* From a quotation mark on; *ret is what stands between it and the next. */
static enum ou_status take_raw_text(struct json_walk *w, struct scan_text *ret,
                                    struct ou_error *err)
{
    char *start = w->at;
    struct scan s;

    for (;;) {
        s = scan_of(start, (size_t)(w->end - start));
        if (scan_string(&s, ret))
            break;
        if (s.problem == SCAN_BAD) {
            w->at = start + (s.at - start);
            return fail_here(w, "a byte below a blank in a text: it must be written as \\u00..",
                             err);
        }
        if ((size_t)(w->end - start) > WALK_TEXT_MAX)
            return fail_here(w, "a text that is longer than half a MiB", err);
        if (!read_on(w, &start))
            return fail_at_end(w, err);
    }
    if (!utf8_is_valid(ret->raw))
        return fail_here(w, "a text that is not UTF-8", err);
    w->at = start + (s.at - start);
    return OU_OK;
}

/* What the raw text stands for: itself where it has no escapes, else in room. */
static enum ou_status resolve(struct json_walk *w, struct scan_text text, char *room,
                              struct span *ret, struct ou_error *err)
{
    size_t len;

    *ret = text.raw;
    if (!text.escaped)
        return OU_OK;
    len = scan_unescape(text.raw, room);
    if (len == SIZE_MAX)
        return fail_here(w, "the text that ends here has an escape that JSON does not know", err);
    *ret = (struct span){ room, len };
    return OU_OK;
}

static enum ou_status take_text(struct json_walk *w, struct walk_value *v, struct ou_error *err)
{
    struct scan_text text;
    enum ou_status status = take_raw_text(w, &text, err);

    if (status)
        return status;
    v->kind = WALK_TEXT;
    v->raw = text.raw;
    return resolve(w, text, w->plain, &v->text, err);
}

static size_t digits_at(struct span text, size_t at)
{
    size_t count = 0;

    while (at + count < text.len && text.at[at + count] >= '0' && text.at[at + count] <= '9')
        count++;
    return count;
}

/* By the grammar: -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
static bool is_number(struct span text)
{
    size_t at = text.len > 0 && text.at[0] == '-', count = digits_at(text, at);

    if (count == 0 || (count > 1 && text.at[at] == '0'))
        return false;
    at += count;
    if (at < text.len && text.at[at] == '.') {
        count = digits_at(text, at + 1);
        at += 1 + count;
        if (count == 0)
            return false;
    }
    if (at < text.len && (text.at[at] | 0x20) == 'e') {
        at++;
        at += at < text.len && (text.at[at] == '+' || text.at[at] == '-');
        count = digits_at(text, at);
        at += count;
        if (count == 0)
            return false;
    }
    return at == text.len;
}

/* Letters, digits and signs in a row: a number, or one of three words. */
static bool of_bare_word(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
           c == '+' || c == '.';
}

static enum ou_status take_bare_word(struct json_walk *w, struct walk_value *v,
                                     struct ou_error *err)
{
    char *start = w->at;

    do {
        while (w->at < w->end && of_bare_word(*w->at))
            w->at++;
    } while (w->at == w->end && (size_t)(w->end - start) <= WALK_TEXT_MAX && read_on(w, &start));
    v->text = (struct span){ start, (size_t)(w->at - start) };
    if (w->status)
        return fail_to_read(w, err);
    if (span_is(v->text, "true"))
        v->kind = WALK_TRUE;
    else if (span_is(v->text, "false"))
        v->kind = WALK_FALSE;
    else if (span_is(v->text, "null"))
        v->kind = WALK_NULL;
    else if (v->text.len <= WALK_TEXT_MAX && is_number(v->text))
        v->kind = WALK_NUMBER;
    else {
        if (v->text.len)
            w->at = start;
        return fail_here(w, "neither a value nor a closing bracket", err);
    }
    return OU_OK;
}

/* ---- structure ---- */

static bool in_object(const struct json_walk *w)
{
    return w->objects[(w->depth - 1) / 64] >> (w->depth - 1) % 64 & 1;
}

static enum ou_status open_container(struct json_walk *w, struct walk_value *v,
                                     struct ou_error *err)
{
    const uint64_t bit = UINT64_C(1) << w->depth % 64;

    if (w->depth == JSON_CHECK_DEPTH_MAX)
        return fail_here(w, "brackets inside one another, more than any reader takes", err);
    v->kind = *w->at == '{' ? WALK_OBJECT : WALK_ARRAY;
    w->objects[w->depth / 64] &= ~bit;
    w->objects[w->depth / 64] |= v->kind == WALK_OBJECT ? bit : 0;
    w->depth++;
    w->at++;
    w->first = true;
    return OU_OK;
}

static enum ou_status take_value(struct json_walk *w, struct walk_value *v, struct ou_error *err)
{
    enum ou_status status;

    v->line = w->line;
    v->at = offset_of(w, w->at);
    v->column = v->at - w->line_offset + 1;
    if (*w->at == '{' || *w->at == '[') {
        status = open_container(w, v, err);
    } else {
        w->first = false;
        status = *w->at == '"' ? take_text(w, v, err) : take_bare_word(w, v, err);
    }
    v->end = offset_of(w, w->at);
    w->ended = w->depth == 0;
    return status;
}

/* A member's name and the colon behind it. The name is kept apart from the window, which may move on before the value
 * is read. */
static enum ou_status take_name(struct json_walk *w, struct walk_value *v, struct ou_error *err)
{
    struct scan_text text;
    enum ou_status status;

    if (*w->at != '"')
        return fail_here(w, "a name in quotation marks must stand here", err);
    v->is_member = true;
    v->name_at = offset_of(w, w->at);
    status = take_raw_text(w, &text, err);
    if (status)
        return status;
    if (text.raw.len > WALK_NAME_MAX)
        return fail_here(w, "the name that ends here is longer than 4096 bytes", err);
    memcpy(w->name_room, text.raw.at, text.raw.len);
    text.raw.at = w->name_room;
    v->raw_name = text.raw;
    status = resolve(w, text, w->name_room + WALK_NAME_MAX, &v->name, err);
    if (status)
        return status;
    if (!skip_blanks(w))
        return fail_at_end(w, err);
    if (*w->at != ':')
        return fail_here(w, "a colon is missing behind a name", err);
    w->at++;
    if (!skip_blanks(w))
        return fail_at_end(w, err);
    return OU_OK;
}

static enum ou_status close_container(struct json_walk *w, struct walk_value *v)
{
    v->kind = WALK_CLOSE;
    v->line = w->line;
    v->at = offset_of(w, w->at);
    v->column = v->at - w->line_offset + 1;
    v->end = v->at + 1;
    w->at++;
    w->depth--;
    w->first = false;
    w->ended = w->depth == 0;
    return OU_OK;
}

static enum ou_status next_inside(struct json_walk *w, struct walk_value *v, struct ou_error *err)
{
    const bool object = in_object(w);
    const char closing = object ? '}' : ']';
    enum ou_status status;

    if (!skip_blanks(w))
        return fail_at_end(w, err);
    if (*w->at == closing)
        return close_container(w, v);
    if (!w->first) {
        if (*w->at != ',')
            return fail_here(w, object ? "a comma or } is missing" : "a comma or ] is missing",
                             err);
        w->at++;
        if (!skip_blanks(w))
            return fail_at_end(w, err);
        if (*w->at == closing)
            return fail_here(w, "a comma stands before the closing bracket", err);
    }
    status = object ? take_name(w, v, err) : OU_OK;
    return status ? status : take_value(w, v, err);
}

enum ou_status json_walk_next(struct json_walk *w, struct walk_value *ret, struct ou_error *err)
{
    *ret = (struct walk_value){ .kind = WALK_END };
    if (w->depth > 0)
        return next_inside(w, ret, err);
    if (skip_blanks(w))
        return w->ended ? fail_here(w, "something stands behind the end of the document", err)
                        : take_value(w, ret, err);
    if (w->status)
        return fail_to_read(w, err);
    return w->ended ? OU_OK : fail_at_end(w, err);
}

enum ou_status json_walk_skip(struct json_walk *w, uint64_t *ret_end, struct ou_error *err)
{
    const unsigned outside = w->depth - 1;
    struct walk_value v = { .end = 0 };
    enum ou_status status = OU_OK;

    while (!status && w->depth > outside)
        status = json_walk_next(w, &v, err);
    if (!status && ret_end)
        *ret_end = v.end;
    return status;
}

/* ---- the file ---- */

static enum ou_status open_file(struct json_walk *w, struct ou_error *err)
{
    struct stat st;

    do
        w->fd = open(w->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (w->fd < 0 && errno == EINTR && !interrupt_pending());
    if (w->fd < 0 && errno == EINTR)
        return ou_fail(err, OU_INTERRUPTED, "open %s: interrupted", w->path);
    if (w->fd < 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "open %s: %s", w->path,
                       strerror(errno));
    if (fstat(w->fd, &st) == 0 && S_ISDIR(st.st_mode))
        return ou_fail(err, OU_IO, "read %s: it is a directory, a file is needed", w->path);
    return OU_OK;
}

static enum ou_status take_rooms(struct json_walk *w, struct ou_error *err)
{
    w->window = calloc(1, WINDOW_BYTES + SCAN_PADDING);
    w->plain = malloc(WINDOW_BYTES);
    w->name_room = malloc(2 * WALK_NAME_MAX);
    w->at = w->end = w->window;
    return w->window && w->plain && w->name_room
               ? OU_OK
               : ou_fail(err, OU_NO_MEMORY, "read %s: no memory", w->path);
}

enum ou_status json_walk_open(struct json_walk *w, const char *path, struct ou_error *err)
{
    enum ou_status status;

    *w = (struct json_walk){ .path = path, .fd = -1, .line = 1, .first = true };
    status = open_file(w, err);
    if (!status)
        status = take_rooms(w, err);
    if (status)
        json_walk_close(w);
    return status;
}

enum ou_status json_walk_open_text(struct json_walk *w, struct span text, const char *name,
                                   struct ou_error *err)
{
    enum ou_status status;

    *w = (struct json_walk){ .path = name, .fd = -1, .rest = text, .line = 1, .first = true };
    status = take_rooms(w, err);
    if (status)
        json_walk_close(w);
    return status;
}

void json_walk_tap(struct json_walk *w, void (*tap)(void *context, const char *bytes, size_t count),
                   void *context)
{
    w->tap = tap;
    w->tap_context = context;
}

void json_walk_close(struct json_walk *w)
{
    if (w->path && w->fd >= 0)
        close(w->fd);
    free(w->window);
    free(w->plain);
    free(w->name_room);
    w->window = w->plain = w->name_room = NULL;
    w->path = NULL;
}
