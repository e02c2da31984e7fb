/* ouroscope names: old and new names of messages, switches and metrics; a configuration of the
 * older system in the words of the new one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/help.h"
#include "cmd/names_find.h"
#include "cmd/rewrite.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "json/write.h"
#include "trace/config_tree.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)

/* --- Pairs -------------------------------------------------------------------------------- */

struct answer {
    const struct parsed_options *options;
    struct name_pairs_all all;
    const struct name_pair_row **chosen;
    size_t chosen_count;
    unsigned tables, sides;
    struct buffer out;
    size_t unknown;
};

static unsigned tables_of(const struct parsed_options *options)
{
    unsigned tables = 0;

    if (option_given(options, NAMES_OPTION_EVENTS))
        tables |= NAMES_EVENTS;
    if (option_given(options, NAMES_OPTION_TOGGLES))
        tables |= NAMES_TOGGLES;
    if (option_given(options, NAMES_OPTION_METRICS))
        tables |= NAMES_METRICS;
    return tables ? tables : NAMES_ALL;
}

static unsigned sides_of(const struct parsed_options *options)
{
    const char *from = option_value(options, NAMES_OPTION_FROM);

    if (!from)
        return NAMES_OLD | NAMES_NEW;
    return strcmp(from, "legacy") == 0 ? NAMES_OLD : NAMES_NEW;
}

#define COLUMNS 4

static void columns_of(const struct name_pair_row *row, const char *ret[COLUMNS])
{
    const char *const columns[COLUMNS] = { row->what, row->old, row->in_2023, row->today };

    for (int i = 0; i < COLUMNS; i++)
        ret[i] = columns[i] ? columns[i] : "-";
}

static void widen(size_t widths[COLUMNS], const char *const columns[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++)
        if (strlen(columns[i]) > widths[i])
            widths[i] = strlen(columns[i]);
}

/* The last one is not filled up. */
static void write_columns(struct buffer *out, const size_t widths[COLUMNS],
                          const char *const columns[COLUMNS])
{
    for (int i = 0; i + 1 < COLUMNS; i++)
        buffer_printf(out, "%-*s  ", (int)widths[i], columns[i]);
    buffer_printf(out, "%s\n", columns[COLUMNS - 1]);
}

static void write_row_json(struct json_writer *w, const struct name_pair_row *row)
{
    json_begin_object_inline(w);
    json_key(w, "what");
    json_cstring(w, row->what);
    json_key(w, "old");
    json_cstring(w, row->old);
    json_key(w, "in2023");
    json_cstring(w, row->in_2023);
    json_key(w, "today");
    json_cstring(w, row->today);
    json_end(w);
}

static void tell_unknown(struct answer *a, const char *name)
{
    struct ou_error text = { { 0 } };
    struct buffer near;

    buffer_init(&near, allocator_libc(), 1024);
    names_suggest(&a->all, span_of(name), a->tables, a->sides, &near);
    snprintf(text.text, sizeof(text.text), "there is no name \"%.200s\"%s%.700s%s", name,
             near.len ? "; did you mean " : "", buffer_string(&near), near.len ? "?" : "");
    say(a->options->command, text.text);
    buffer_release(&near);
    a->unknown++;
}

/* The rows about a name, in the order of the tables; all for NULL. */
static void choose(struct answer *a, const char *name)
{
    const struct names_query query = names_query(&a->all, name ? name : "", a->sides);
    const size_t before = a->chosen_count;

    for (size_t i = 0; i < a->all.count; i++)
        if ((a->all.at[i].table & a->tables) && (!name || names_match(&a->all.at[i], &query)))
            a->chosen[a->chosen_count++] = &a->all.at[i];
    if (name && a->chosen_count == before)
        tell_unknown(a, name);
}

static const char *const titles[COLUMNS] = { "what", "old", "in 2023", "today" };

/* For terminals that are too narrow for a table: a name a line. */
static void write_rows_apart(struct answer *a)
{
    const char *columns[COLUMNS];

    for (size_t i = 0; i < a->chosen_count; i++) {
        columns_of(a->chosen[i], columns);
        buffer_printf(&a->out, "%s%s\n", i ? "\n" : "", columns[0]);
        for (int c = 1; c < COLUMNS; c++)
            buffer_printf(&a->out, "  %-7s  %s\n", titles[c], columns[c]);
    }
}

static bool is_too_wide(const size_t widths[COLUMNS])
{
    size_t total = 2 * (COLUMNS - 1);

    for (int i = 0; i < COLUMNS; i++)
        total += widths[i];
    return terminal_is(STDOUT_FILENO) && total > (size_t)terminal_width(STDOUT_FILENO);
}

static void answer_text(struct answer *a)
{
    size_t widths[COLUMNS] = { 0 };
    const char *columns[COLUMNS];

    if (a->chosen_count == 0)
        return;
    widen(widths, titles);
    for (size_t i = 0; i < a->chosen_count; i++) {
        columns_of(a->chosen[i], columns);
        widen(widths, columns);
    }
    if (is_too_wide(widths)) {
        write_rows_apart(a);
        return;
    }
    write_columns(&a->out, widths, titles);
    for (size_t i = 0; i < a->chosen_count; i++) {
        columns_of(a->chosen[i], columns);
        write_columns(&a->out, widths, columns);
    }
}

static void answer_json(struct answer *a)
{
    struct json_writer w;

    json_writer_init(&w, &a->out, true);
    json_begin_array(&w);
    for (size_t i = 0; i < a->chosen_count; i++)
        write_row_json(&w, a->chosen[i]);
    json_end(&w);
    buffer_char(&a->out, '\n');
}

static enum ou_status answer_names(const struct parsed_options *options, bool *ret_unknown,
                                   struct ou_error *err)
{
    struct answer a = { .options = options,
                        .tables = tables_of(options),
                        .sides = sides_of(options) };
    const size_t asked = options->operand_count ? options->operand_count : 1;
    enum ou_status status = OU_OK;

    buffer_init(&a.out, allocator_libc(), OUT_BYTES_MAX);
    if (names_load(&a.all))
        a.chosen = calloc(a.all.count * asked + 1, sizeof(void *));
    if (!a.chosen)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for the names");
    for (size_t i = 0; i < asked && !status; i++)
        choose(&a, options->operand_count ? options->operands[i] : NULL);
    if (!status && option_given(options, NAMES_OPTION_JSON))
        answer_json(&a);
    else if (!status)
        answer_text(&a);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &a.out, err);
    *ret_unknown = a.unknown > 0;
    free(a.chosen);
    buffer_release(&a.out);
    names_release(&a.all);
    return status;
}

/* --- A configuration ------------------------------------------------------------------------ */

static void tell_remarks(const struct parsed_options *options, const char *path,
                         const json_t *remarks)
{
    struct ou_error line;
    json_t *remark;
    size_t i;

    if (json_array_size(remarks) == 0) {
        snprintf(line.text, sizeof(line.text), "%.900s: there was nothing to change", path);
        say(options->command, line.text);
    }
    json_array_foreach(remarks, i, remark)
    {
        snprintf(line.text, sizeof(line.text), "%.300s:%d: %s: %.100s: %.500s", path,
                 (int)json_integer_value(json_object_get(remark, "line")),
                 json_string_value(json_object_get(remark, "outcome")),
                 json_string_value(json_object_get(remark, "key")),
                 json_string_value(json_object_get(remark, "text")));
        say(options->command, line.text);
    }
}

/* With --json the remarks stand beside the configuration. */
static enum ou_status write_config(const struct parsed_options *options, const char *path,
                                   const struct rewritten *r, struct buffer *out,
                                   struct ou_error *err)
{
    const char *format = option_value(options, NAMES_OPTION_FORMAT);
    const bool yaml = format ? strcmp(format, "yaml") == 0 : r->was_yaml;
    json_t *both;

    if (option_given(options, NAMES_OPTION_JSON)) {
        both = json_pack("{s:O, s:O}", "configuration", r->config, "remarks", r->remarks);
        if (!both)
            return ou_fail(err, OU_NO_MEMORY, "rewrite %s: no memory", path);
        json_tree_append(out, both);
        json_decref(both);
    } else {
        tell_remarks(options, path, r->remarks);
        if (yaml)
            return yaml_append(out, r->config, err);
        json_tree_append(out, r->config);
    }
    buffer_char(out, '\n');
    return OU_OK;
}

static enum ou_status translate_config(const struct parsed_options *options, const char *path,
                                       struct ou_error *err)
{
    struct rewritten r = { NULL, NULL, false };
    struct buffer text, out;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), CONFIG_BYTES_MAX);
    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    status = file_read(path, &text, err);
    if (!status)
        status = rewrite_config((struct span){ text.at, text.len }, path, &r, err);
    if (!status)
        status = write_config(options, path, &r, &out, err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, err);
    rewritten_release(&r);
    buffer_release(&out);
    buffer_release(&text);
    return status;
}

/* --- The command ------------------------------------------------------------------------------ */

/* Options that mean nothing together. */
static enum ou_status check_options(const struct parsed_options *options, struct ou_error *err)
{
    static const enum names_option of_pairs[] = { NAMES_OPTION_EVENTS, NAMES_OPTION_TOGGLES,
                                                  NAMES_OPTION_METRICS, NAMES_OPTION_FROM };
    const bool config = option_given(options, NAMES_OPTION_CONFIG);

    if (config && options->operand_count)
        return ou_fail(err, OU_USAGE, "--config takes a whole file, and no NAME beside it");
    if (!config && option_given(options, NAMES_OPTION_FORMAT))
        return ou_fail(err, OU_USAGE, "--format is the format of a configuration: see --config");
    if (config && option_given(options, NAMES_OPTION_FORMAT) &&
        option_given(options, NAMES_OPTION_JSON))
        return ou_fail(err, OU_USAGE, "--json and --format exclude each other");
    for (size_t i = 0; config && i < sizeof(of_pairs) / sizeof(*of_pairs); i++)
        if (option_given(options, of_pairs[i]))
            return ou_fail(err, OU_USAGE, "--config and --%s exclude each other",
                           options->command->options[of_pairs[i]].name);
    return OU_OK;
}

enum exit_code cmd_names(const struct parsed_options *options)
{
    const char *config = option_value(options, NAMES_OPTION_CONFIG);
    struct ou_error err = { { 0 } };
    bool unknown = false;
    enum ou_status status = check_options(options, &err);

    if (status)
        return say_usage_error(options->command, &err);
    status =
        config ? translate_config(options, config, &err) : answer_names(options, &unknown, &err);
    if (status) {
        say(options->command, err.text);
        return EXIT_FAILED;
    }
    return unknown ? EXIT_FAILED : EXIT_DONE;
}
