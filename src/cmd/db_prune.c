/* ouroscope db prune: takes old runs and entries out of a database. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "base/time.h"
#include "cmd/columns.h"
#include "cmd/db.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "json/write.h"
#include "store/migrate.h"
#include "store/prune.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)
#define LIST_BYTES_MAX ((size_t)256 << 20)
#define KEEP_MAX 1000000

struct pruning {
    const struct parsed_options *options;
    struct sql *db;
    struct prune_rule rule;
    int64_t audit_before_ns; /* TIME_NONE: nothing of it */
    bool runs_asked, computed, go_on;
    struct arena memory;
    struct prune_run *runs;
    size_t run_count, done;
    struct prune_counts counts;
};

/* ---- what is asked ---- */

/* "12h", "90d", "26w": the instant so long ago. */
static enum ou_status read_age(const char *name, const char *text, int64_t *ret_ns,
                               struct ou_error *err)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
    const size_t digits = strspn(text, "0123456789");

    for (size_t i = 0; digits > 0 && digits < 5 && i < sizeof units / sizeof *units; i++)
        if (text[digits] == units[i].unit && text[digits + 1] == '\0') {
            *ret_ns = time_wall_ns() - strtol(text, NULL, 10) * units[i].seconds * NS_PER_SECOND;
            return OU_OK;
        }
    return ou_fail(err, OU_USAGE, "--%s %.40s: a whole number with h, d or w, as in 90d", name,
                   text);
}

static enum ou_status read_keep(const char *text, int64_t *ret, struct ou_error *err)
{
    char *end;
    long value = strtol(text, &end, 10);

    if (*text < '0' || *text > '9' || *end || value > KEEP_MAX)
        return ou_fail(err, OU_USAGE, "--keep %.40s: a whole number up to %d", text, KEEP_MAX);
    *ret = value;
    return OU_OK;
}

static enum ou_status read_options(struct pruning *p, struct ou_error *err)
{
    const char *age = option_value(p->options, DB_PRUNE_OLDER_THAN);
    const char *keep = option_value(p->options, DB_PRUNE_KEEP);
    const char *audit = option_value(p->options, DB_PRUNE_AUDIT);
    enum ou_status status = OU_OK;

    p->rule = (struct prune_rule){ .before_ns = TIME_NONE,
                                   .project = option_value(p->options, DB_PRUNE_PROJECT) };
    p->audit_before_ns = TIME_NONE;
    p->runs_asked = age || keep;
    p->computed = option_given(p->options, DB_PRUNE_COMPUTED);
    p->go_on = option_given(p->options, DB_PRUNE_YES);
    if (age)
        status = read_age("older-than", age, &p->rule.before_ns, err);
    if (!status && keep)
        status = read_keep(keep, &p->rule.keep, err);
    if (!status && audit)
        status = read_age("audit-older-than", audit, &p->audit_before_ns, err);
    if (!status && !p->runs_asked && !audit && !p->computed)
        status = ou_fail(err, OU_USAGE,
                         "say what is to go: --older-than, --keep, --audit-older-than, --computed");
    if (!status && p->rule.project && !p->runs_asked)
        status = ou_fail(err, OU_USAGE, "--project wants --older-than or --keep beside it");
    return status;
}

/* ---- what goes ---- */

static enum ou_status find(struct pruning *p, struct ou_error *err)
{
    enum ou_status status = migrate_check(p->db, err);

    if (!status && p->runs_asked)
        status = prune_find(p->db, &p->rule, &p->memory, &p->runs, &p->run_count, err);
    if (!status)
        status = prune_count_rest(p->db, p->audit_before_ns, p->computed, &p->counts, err);
    return status;
}

static enum ou_status take_out(struct pruning *p, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (; !status && p->done < p->run_count && !interrupt_pending(); p->done += !status)
        status = prune_run(p->db, &p->runs[p->done], err);
    if (!status && interrupt_pending())
        status = ou_fail(err, OU_INTERRUPTED, "interrupted: %zu of %zu runs were taken out",
                         p->done, p->run_count);
    if (!status)
        status = prune_rest(p->db, p->audit_before_ns, p->computed, &p->counts, err);
    return status;
}

/* That wants as much room again for a moment, which a full disk does not have; what was taken out is out all the same. */
static enum ou_status give_room_back(const struct pruning *p, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = prune_shrink(p->db, &why);

    return status ? ou_fail(err, status,
                            "all of it was taken out, but its room is not given back to the disk,"
                            " only to what comes next: %s",
                            why.text)
                  : OU_OK;
}

/* ---- telling ---- */

static enum ou_status write_runs(const struct pruning *p, struct buffer *out, struct ou_error *err)
{
    struct columns c;
    enum ou_status status;

    columns_init(&c, 4, 0, isatty(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    columns_add(&c, "RUN");
    columns_add(&c, "PROJECT");
    columns_add(&c, "STARTED");
    columns_add(&c, "NAME");
    for (size_t i = 0; i < p->run_count; i++) {
        char at[TIME_ISO_ROOM];

        time_format_iso(p->runs[i].at_ns, at);
        columns_add(&c, p->runs[i].id);
        columns_add(&c, p->runs[i].project);
        columns_add(&c, at);
        columns_add(&c, p->runs[i].name);
    }
    status = columns_write(&c, out, err);
    columns_release(&c);
    return status;
}

static enum ou_status write_text(const struct pruning *p, struct buffer *out, struct ou_error *err)
{
    const char *does = p->go_on ? "taken out" : "would be taken out";
    enum ou_status status = p->run_count > 0 ? write_runs(p, out, err) : OU_OK;

    if (p->runs_asked)
        buffer_printf(out, "%zu runs %s\n", p->run_count, does);
    if (p->audit_before_ns != TIME_NONE)
        buffer_printf(out, "%" PRId64 " entries of the audit %s\n", p->counts.audit, does);
    if (p->computed)
        buffer_printf(out, "%" PRId64 " computed answers %s\n", p->counts.computed, does);
    return status;
}

static enum ou_status write_json(const struct pruning *p, struct buffer *out, struct ou_error *err)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_key(&w, "done");
    json_bool(&w, p->go_on);
    json_key(&w, "runs");
    json_begin_array(&w);
    for (size_t i = 0; i < p->run_count; i++) {
        json_begin_object(&w);
        json_key(&w, "id");
        json_cstring(&w, p->runs[i].id);
        json_key(&w, "project");
        json_cstring(&w, p->runs[i].project);
        json_key(&w, "name");
        json_cstring(&w, p->runs[i].name);
        json_key(&w, "series");
        json_cstring(&w, p->runs[i].series);
        json_key(&w, "started");
        json_instant(&w, p->runs[i].at_ns);
        json_end(&w);
    }
    json_end(&w);
    json_key(&w, "audit");
    json_int(&w, p->counts.audit);
    json_key(&w, "computed");
    json_int(&w, p->counts.computed);
    json_end(&w);
    buffer_char(out, '\n');
    return buffer_status(out) ? ou_fail(err, buffer_status(out), "the list is too long") : OU_OK;
}

static enum ou_status tell(const struct pruning *p, struct ou_error *err)
{
    bool has_json = option_given(p->options, DB_PRUNE_JSON);
    bool has_some = p->run_count > 0 || p->counts.audit > 0 || p->counts.computed > 0;
    struct buffer out;
    enum ou_status status;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    status = (has_json ? write_json : write_text)(p, &out, err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, err);
    buffer_release(&out);
    if (!status && !p->go_on && has_some)
        say(p->options->command, "nothing was changed: --yes takes them out");
    return status;
}

enum exit_code cmd_db_prune(const struct parsed_options *options)
{
    struct pruning p = { .options = options };
    struct ou_error err = { 0 };
    enum exit_code code = EXIT_DONE;
    enum ou_status status = read_options(&p, &err);

    arena_init(&p.memory, allocator_libc(), LIST_BYTES_MAX);
    if (!status)
        status = db_open(options, p.go_on ? DB_WRITE : DB_READ, &p.db, &err);
    if (!status)
        status = find(&p, &err);
    if (!status && p.go_on)
        status = take_out(&p, &err);
    if (!status)
        status = tell(&p, &err);
    if (!status && p.go_on)
        status = give_room_back(&p, &err);
    if (status)
        code = db_failed(options, status, &err);
    arena_release(&p.memory);
    sql_close(p.db);
    return code;
}
