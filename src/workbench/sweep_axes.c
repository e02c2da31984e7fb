#include "workbench/sweep_axes.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "json/tree.h"
#include "profile/rts_flags.h"
#include "workbench/sweep_file.h"

/* One axis while it is read. */
struct axis_reader {
    struct sweep *sweep;
    struct sweep_place at; /* "axes[1]" */
    const json_t *json;
    struct sweep_level *levels; /* count of them */
    size_t count;
};

static enum ou_status fail_memory(const struct axis_reader *r)
{
    return ou_fail(r->at.err, OU_NO_MEMORY, "%s: no memory for the axes", r->at.source);
}

/* Hands a new value over to the sweep, which keeps it. NULL: no memory. */
static json_t *keep(struct axis_reader *r, json_t *made)
{
    if (json_array_append(r->sweep->owned, made) != 0) {
        json_decref(made);
        return NULL;
    }
    json_decref(made); /* the list has its own reference */
    return made;
}

static enum ou_status set_label(struct axis_reader *r, size_t level, const char *text, size_t len)
{
    if (!sweep_is_line(text, len))
        return sweep_fail(&r->at, "", "level %zu needs a label, one line of 1 to %d bytes", level,
                          SWEEP_LABEL_MAX);
    r->levels[level].label = arena_copy(&r->sweep->memory, text, len);
    return r->levels[level].label ? OU_OK : fail_memory(r);
}

/* ---- RTS flags ---- */

/* The words of a text as a list. NULL: no memory. */
static json_t *split_words(const char *text)
{
    json_t *words = json_array();

    for (text += strspn(text, " "); words && *text; text += strspn(text, " ")) {
        size_t len = strcspn(text, " ");

        if (json_array_append_new(words, json_stringn(text, len)) != 0) {
            json_decref(words);
            return NULL;
        }
        text += len;
    }
    return words;
}

static enum ou_status check_flags(struct axis_reader *r, const char *member, const json_t *flags)
{
    const char *each[RTS_FLAGS_MAX];
    size_t count = json_array_size(flags);
    struct ou_error why = { 0 };

    if (count > RTS_FLAGS_MAX)
        return sweep_fail(&r->at, member, "%zu RTS flags are more than %d", count, RTS_FLAGS_MAX);
    for (size_t i = 0; i < count; i++) {
        each[i] = json_string_value(json_array_get(flags, i));
        if (!each[i])
            return sweep_fail(&r->at, member, "RTS flags are texts");
    }
    if (rts_flags_check(each, count, &why))
        return sweep_fail(&r->at, member, "%s", why.text);
    return OU_OK;
}

/* "-A16m -n4m"; "as is" where no flag is added. */
static enum ou_status label_flags(struct axis_reader *r, size_t level)
{
    const json_t *flags = r->levels[level].rts;
    char text[SWEEP_LABEL_MAX + 2] = "as is";
    size_t len = json_array_size(flags) ? 0 : strlen(text);

    for (size_t i = 0; i < json_array_size(flags) && len < sizeof text; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "",
                                json_string_value(json_array_get(flags, i)));
    return set_label(r, level, text, len);
}

/* flags: a text with blanks, or a list of texts. */
static enum ou_status set_flags(struct axis_reader *r, size_t level, const char *member,
                                const json_t *flags)
{
    json_t *list;

    if (!json_is_string(flags) && !json_is_array(flags))
        return sweep_fail(&r->at, member, "RTS flags are a text, or a list of texts");
    list = json_is_string(flags) ? split_words(json_string_value(flags)) : json_deep_copy(flags);
    if (!list || !keep(r, list))
        return fail_memory(r);
    r->levels[level].rts = list;
    return check_flags(r, member, list);
}

static enum ou_status read_rts(struct axis_reader *r, const json_t *list)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < r->count; i++) {
        char member[32];

        snprintf(member, sizeof member, "rts[%zu]", i);
        status = set_flags(r, i, member, json_array_get(list, i));
        if (!status)
            status = label_flags(r, i);
    }
    return status;
}

/* ---- one member of a profile ---- */

/* {"node": {"cores": value}} of "node.cores". NULL: no memory. */
static json_t *nest(const char *path, const json_t *value)
{
    size_t len = strcspn(path, ".");
    json_t *inner = path[len] ? nest(path + len + 1, value) : json_deep_copy(value);
    json_t *outer = json_object();

    if (inner && outer && json_object_setn_new(outer, path, len, json_incref(inner)) == 0) {
        json_decref(inner);
        return outer;
    }
    json_decref(inner);
    json_decref(outer);
    return NULL;
}

static size_t alike_in_front(const char *a, const char *b, size_t most)
{
    size_t n = 0;

    while (n < most && a[n] && a[n] == b[n])
        n++;
    return n;
}

static size_t alike_behind(const char *a, const char *b, size_t most)
{
    size_t a_len = strlen(a), b_len = strlen(b), n = 0;

    while (n < most && n < a_len && n < b_len && a[a_len - 1 - n] == b[b_len - 1 - n])
        n++;
    return n;
}

/* How many bytes all values have alike in front, and behind, up to a slash: "/opt/ghc-9.6/bin/node" and
 * "/opt/ghc-9.12/bin/node" differ by "ghc-9.6" and "ghc-9.12". Both 0 where a value is no text. */
static void shared_parts(const json_t *values, size_t *ret_front, size_t *ret_behind)
{
    const char *first = json_string_value(json_array_get(values, 0));
    size_t front = SIZE_MAX, behind = SIZE_MAX;

    *ret_front = *ret_behind = 0;
    for (size_t i = 0; i < json_array_size(values); i++) {
        const char *text = json_string_value(json_array_get(values, i));

        if (!first || !text)
            return;
        front = alike_in_front(first, text, front);
        behind = alike_behind(first, text, behind);
    }
    while (first && front > 0 && first[front - 1] != '/')
        front--;
    while (first && behind > 0 && first[strlen(first) - behind] != '/')
        behind--;
    *ret_front = front;
    *ret_behind = behind;
}

static enum ou_status label_value(struct axis_reader *r, size_t level, const json_t *value,
                                  size_t front, size_t behind)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    struct buffer shown;
    enum ou_status status;

    if (text && front + behind < len)
        return set_label(r, level, text + front, len - front - behind);
    if (text)
        return set_label(r, level, *text ? text : "none", *text ? len : strlen("none"));
    buffer_init(&shown, allocator_libc(), SWEEP_FILE_BYTES_MAX);
    json_tree_append(&shown, value);
    status = buffer_status(&shown);
    status = status ? ou_fail(r->at.err, status, "%s: no memory for the axes", r->at.source)
                    : set_label(r, level, buffer_string(&shown), shown.len);
    buffer_release(&shown);
    return status;
}

static enum ou_status label_values(struct axis_reader *r, const json_t *values)
{
    const json_t *labels = json_object_get(r->json, "labels");
    enum ou_status status = OU_OK;
    size_t front, behind;

    if (labels && json_array_size(labels) != r->count)
        return sweep_fail(&r->at, "labels", "a list of %zu texts is wanted, one for each value",
                          r->count);
    shared_parts(values, &front, &behind);
    for (size_t i = 0; !status && i < r->count; i++) {
        const json_t *label = json_array_get(labels, i);

        if (label && !json_is_string(label))
            status = sweep_fail(&r->at, "labels", "texts are wanted");
        else if (label)
            status = set_label(r, i, json_string_value(label), json_string_length(label));
        else
            status = label_value(r, i, json_array_get(values, i), front, behind);
    }
    return status;
}

static enum ou_status check_path(const struct axis_reader *r, const char *path)
{
    size_t parts = 0;

    for (const char *at = path; at; at = strchr(at, '.') ? strchr(at, '.') + 1 : NULL, parts++)
        if (*at == '.' || *at == '\0' || parts > 16)
            return sweep_fail(&r->at, "member",
                              "\"%.64s\" is no path of a member, as node.cores is one", path);
    return OU_OK;
}

static enum ou_status read_member(struct axis_reader *r, const json_t *values)
{
    const char *path = json_string_value(json_object_get(r->json, "member"));
    enum ou_status status;

    if (!path)
        return sweep_fail(&r->at, "member", "values of which member? As node.cores");
    status = check_path(r, path);
    for (size_t i = 0; !status && i < r->count; i++) {
        json_t *overlay = nest(path, json_array_get(values, i));

        if (!overlay || !keep(r, overlay))
            return fail_memory(r);
        r->levels[i].overlay = overlay;
        status = sweep_check_overlay(&r->at, "member", overlay);
    }
    return status ? status : label_values(r, values);
}

/* ---- levels that are told one by one ---- */

static enum ou_status read_level(struct axis_reader *r, size_t i, const json_t *level)
{
    static const char *const members[] = { "label", "overlay", "rts", NULL };
    const json_t *label = json_object_get(level, "label"), *rts = json_object_get(level, "rts");
    char path[48];
    struct axis_reader inside = *r;
    enum ou_status status;

    snprintf(path, sizeof path, "%s.levels[%zu]", r->at.path, i);
    inside.at.path = path;
    status = sweep_check_members(&inside.at, level, members);
    r->levels[i].overlay = json_object_get(level, "overlay");
    if (!status && r->levels[i].overlay)
        status = sweep_check_overlay(&inside.at, "overlay", r->levels[i].overlay);
    if (!status && rts)
        status = set_flags(&inside, i, "rts", rts);
    if (status)
        return status;
    if (label && !sweep_is_label(label))
        return sweep_fail(&inside.at, "label", "a text of 1 to %d bytes is wanted",
                          SWEEP_LABEL_MAX);
    if (label)
        return set_label(&inside, i, json_string_value(label), json_string_length(label));
    return rts ? label_flags(&inside, i)
               : sweep_fail(&inside.at, "label", "how is this level called?");
}

static enum ou_status read_levels(struct axis_reader *r, const json_t *list)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < r->count; i++)
        status = read_level(r, i, json_array_get(list, i));
    return status;
}

/* ---- axes ---- */

/* The three ways to tell levels. */
static const struct axis_kind {
    const char *member;
    enum ou_status (*read)(struct axis_reader *, const json_t *);
} kinds[] = { { "rts", read_rts }, { "values", read_member }, { "levels", read_levels } };

/* The one of them that the axis has; NULL: the message is in r->at.err. */
static const struct axis_kind *kind_of(const struct axis_reader *r, const json_t **ret_list)
{
    const struct axis_kind *found = NULL;
    size_t count = 0;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const json_t *list = json_object_get(r->json, kinds[i].member);
        size_t levels = json_array_size(list);

        if (!list)
            continue;
        if (levels < 2 || levels > SWEEP_LEVELS_MAX) {
            (void)sweep_fail(&r->at, kinds[i].member, "a list of 2 to %d levels is wanted",
                             SWEEP_LEVELS_MAX);
            return NULL;
        }
        count++;
        found = &kinds[i];
        *ret_list = list;
    }
    if (count == 1)
        return found;
    (void)sweep_fail(&r->at, "", "one of rts, values (with member) and levels is wanted");
    return NULL;
}

static enum ou_status check_labels(const struct axis_reader *r)
{
    for (size_t i = 0; i < r->count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(r->levels[i].label, r->levels[j].label) == 0)
                return sweep_fail(&r->at, "", "levels %zu and %zu are both called \"%s\"", j, i,
                                  r->levels[i].label);
    return OU_OK;
}

/* "silent": the label of a level. */
static enum ou_status read_silent(const struct axis_reader *r, size_t *ret)
{
    const json_t *silent = json_object_get(r->json, "silent");
    const char *label = json_string_value(silent);

    if (!silent)
        return OU_OK;
    for (size_t i = 0; label && i < r->count; i++)
        if (strcmp(r->levels[i].label, label) == 0) {
            *ret = i;
            return OU_OK;
        }
    return sweep_fail(&r->at, "silent", "the label of one of its levels is wanted");
}

static enum ou_status read_axis(struct axis_reader *r, struct sweep_axis *ret)
{
    static const char *const members[] = { "name",   "rts",    "member", "values",
                                           "labels", "levels", "silent", NULL };
    const json_t *name = json_object_get(r->json, "name"), *list = NULL;
    const struct axis_kind *kind;
    enum ou_status status = sweep_check_members(&r->at, r->json, members);

    if (!status && !sweep_is_label(name))
        status = sweep_fail(&r->at, "name", "a name of 1 to %d bytes is wanted", SWEEP_LABEL_MAX);
    if (status)
        return status;
    kind = kind_of(r, &list);
    if (!kind)
        return OU_INVALID;
    r->count = json_array_size(list);
    r->levels =
        arena_take(&r->sweep->memory, r->count * sizeof *r->levels, alignof(struct sweep_level));
    if (!r->levels)
        return fail_memory(r);
    *ret = (struct sweep_axis){ json_string_value(name), r->levels, r->count, SIZE_MAX };
    status = kind->read(r, list);
    if (!status)
        status = check_labels(r);
    return status ? status : read_silent(r, &ret->silent);
}

static enum ou_status check_names(const struct sweep *s, const struct sweep_place *at)
{
    for (size_t i = 0; i < s->axis_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(s->axes[i].name, s->axes[j].name) == 0)
                return sweep_fail(at, "axes", "two of them are called \"%s\"", s->axes[i].name);
    return OU_OK;
}

enum ou_status sweep_axes_read(struct sweep *s, const char *source, struct ou_error *err)
{
    const struct sweep_place at = { source, "", err };
    const json_t *list = json_object_get(s->file, "axes");
    size_t count = json_array_size(list);
    struct sweep_axis *axes;
    enum ou_status status = OU_OK;

    if (!json_is_array(list) || count < 1 || count > SWEEP_AXES_MAX)
        return sweep_fail(&at, "axes", "a list of 1 to %d axes is wanted", SWEEP_AXES_MAX);
    s->owned = json_array();
    axes = arena_take(&s->memory, count * sizeof *axes, alignof(struct sweep_axis));
    if (!s->owned || !axes)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory for the axes", source);
    for (size_t i = 0; !status && i < count; i++) {
        char path[32];
        struct axis_reader r = { .sweep = s, .at = { source, path, err } };

        snprintf(path, sizeof path, "axes[%zu]", i);
        r.json = json_array_get(list, i);
        status = read_axis(&r, &axes[i]);
    }
    s->axes = axes;
    s->axis_count = count;
    return status ? status : check_names(s, &at);
}
