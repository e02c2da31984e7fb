/* ouroscope profile diff: what two profiles differ in. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/columns.h"
#include "cmd/profile.h"
#include "cmd/terminal.h"
#include "json/tree.h"
#include "profile/explain.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)
#define VALUE_COLUMNS 40
#define LEAD_COLUMNS 12 /* of what two values have in common, before what they differ in */

struct differences {
    json_t *list; /* of {"path", "a", "b"}; a member that a profile does not have is not there */
    struct columns columns;
};

/* "-": the profile does not have it. Owned. */
static char *text_of(const json_t *value)
{
    return value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15))
                 : strdup("-");
}

/* Where to begin to show two long texts, so that what differs is seen: bytes before the first difference, and a few that tell
 * where it is. */
static size_t start_of(const char *a, const char *b)
{
    size_t same = 0;

    while (a[same] && a[same] == b[same])
        same++;
    if (same + LEAD_COLUMNS < VALUE_COLUMNS)
        return 0;
    same -= LEAD_COLUMNS;
    while (same && ((unsigned char)a[same] & 0xc0) == 0x80)
        same--; /* to the start of a character */
    return same;
}

static void add_value(struct columns *c, const char *text, size_t start)
{
    const char *rest = text + start;

    columns_printf(c, "%s%.*s%s", start ? "..." : "", VALUE_COLUMNS, rest,
                   strlen(rest) > VALUE_COLUMNS ? "..." : "");
}

static void add_values(struct columns *c, const json_t *a, const json_t *b)
{
    char *x = text_of(a), *y = text_of(b);
    size_t start = x && y ? start_of(x, y) : 0;

    add_value(c, x ? x : "?", start);
    add_value(c, y ? y : "?", start);
    free(x);
    free(y);
}

static void add_difference(void *context, const char *path, const json_t *a, const json_t *b)
{
    struct differences *d = context;

    if (d->list) {
        json_array_append_new(d->list,
                              json_pack("{s:s, s:O*, s:O*}", "path", path, "a", a, "b", b));
        return;
    }
    columns_add(&d->columns, path);
    add_values(&d->columns, a, b);
}

static enum ou_status compare(const struct parsed_options *options, const struct profile *a,
                              const struct profile *b, struct buffer *out, size_t *ret_count,
                              struct ou_error *err)
{
    bool as_json = option_given(options, PROFILE_DIFF_JSON);
    struct differences d = { .list = as_json ? json_array() : NULL };
    enum ou_status status = OU_OK;

    columns_init(&d.columns, 3, 0,
                 terminal_is(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    columns_add(&d.columns, "MEMBER");
    columns_add(&d.columns, options->operands[0]);
    columns_add(&d.columns, options->operands[1]);
    *ret_count = profile_each_difference(a, b, option_given(options, PROFILE_DIFF_DERIVED),
                                         add_difference, &d);
    if (as_json) {
        json_tree_append(out, d.list);
        buffer_char(out, '\n');
    } else if (*ret_count) {
        status = columns_write(&d.columns, out, err);
    }
    columns_release(&d.columns);
    json_decref(d.list);
    return status;
}

enum exit_code cmd_profile_diff(const struct parsed_options *options)
{
    struct profile a = { 0 }, b = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status = profile_load(options->operands[0], NULL, 0, &a, &err);
    enum exit_code code;
    struct buffer out;
    size_t count = 0;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = profile_load(options->operands[1], NULL, 0, &b, &err);
    status = status == OU_NO_MEMORY || !status ? status : OU_USAGE;
    if (!status)
        status = compare(options, &a, &b, &out, &count, &err);
    code = status ? profile_command_failed(options, status, &err) : profile_put(options, &out);
    if (code == EXIT_DONE && count && option_given(options, PROFILE_DIFF_EXIT_CODE))
        code = EXIT_REGRESSION;
    buffer_release(&out);
    profile_release(&a);
    profile_release(&b);
    return code;
}
