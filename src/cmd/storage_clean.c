/* ouroscope storage clean: removes what runs left in a bucket. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "cmd/run_folder.h"
#include "cmd/say.h"
#include "cmd/storage.h"
#include "report/safe_text.h"

#define LINE_ROOM 400
#define LINE_BYTES_MAX ((size_t)64 << 10)
#define KEY_ROOM (S3_KEY_BYTES_MAX + 2)
/* Agents write more often than that as long as they live. */
#define LIVE_S 600

struct cleaning {
    const struct parsed_options *options;
    struct storage_asked asked;
    struct storage_runs list;
    int64_t now_ns, older_than_ns;
    bool dry_run;
    uint64_t objects, bytes;
    size_t runs, missing; /* missing: were named, and are not there */
};

/* "30m", "12h", "7d" */
static enum ou_status read_age(const char *text, int64_t *ret_ns, struct ou_error *err)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = { { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    const size_t digits = strspn(text, "0123456789");

    for (size_t i = 0; digits > 0 && digits < 6 && i < sizeof units / sizeof *units; i++)
        if (text[digits] == units[i].unit && text[digits + 1] == '\0') {
            *ret_ns = strtol(text, NULL, 10) * units[i].seconds * NS_PER_SECOND;
            return OU_OK;
        }
    return ou_fail(err, OU_USAGE, "--older-than %.40s: a whole number with m, h or d, as in 7d",
                   text);
}

/* Some stores round times up, to a second that is yet to come. */
static int64_t age_ns(const struct cleaning *c, const struct storage_run *run)
{
    if (run->changed_ns == TIME_NONE)
        return INT64_MAX;
    return run->changed_ns < c->now_ns ? c->now_ns - run->changed_ns : 0;
}

/* Ages are told by the clock that wrote the times: ours may be a quarter of an hour off. Any answer has it, also that there is no
 * such object. */
static int64_t servers_now_ns(const struct storage_asked *asked)
{
    char key[KEY_ROOM], etag[S3_ETAG_ROOM];
    uint64_t bytes;
    int64_t now_ns = TIME_NONE;

    (void)snprintf(key, sizeof key, "%sclock", asked->prefix);
    (void)s3_head(asked->s3, key, &bytes, etag, &now_ns, NULL);
    return now_ns == TIME_NONE ? time_wall_ns() : now_ns;
}

static enum ou_status refuse_live(const struct cleaning *c, const struct storage_run *run,
                                  struct ou_error *err)
{
    if (option_given(c->options, STORAGE_CLEAN_FORCE) || age_ns(c, run) >= LIVE_S * NS_PER_SECOND)
        return OU_OK;
    return ou_fail(err, OU_IO,
                   "%s: it was written to %lld s ago, so it may go on; --force cleans it all the "
                   "same",
                   run->name, (long long)(age_ns(c, run) / NS_PER_SECOND));
}

static void tell_nothing(const struct cleaning *c, const char *name)
{
    char line[LINE_ROOM];

    (void)snprintf(line, sizeof line, "%.200s: nothing is there", name);
    say(c->options->command, line);
}

/* Who may write below our prefix chooses names: they are shown as a terminal only prints them. */
static enum ou_status tell_run(const struct storage_run *run, uint64_t objects,
                               struct ou_error *err)
{
    char bytes[RUN_BYTES_ROOM];
    struct buffer line;
    enum ou_status status;

    run_bytes_text(run->bytes, bytes);
    buffer_init(&line, allocator_libc(), LINE_BYTES_MAX);
    buffer_printf(&line, "%s  %" PRIu64 " object%s  ", bytes, objects, objects == 1 ? "" : "s");
    safe_text(&line, span_of(run->name), false);
    buffer_char(&line, '\n');
    status = fd_write_text(STDOUT_FILENO, &line, err);
    buffer_release(&line);
    return status;
}

/* The slash behind the name: no other run's name goes on like that. */
static enum ou_status clean(struct cleaning *c, const struct storage_run *run, struct ou_error *err)
{
    char key[KEY_ROOM];
    uint64_t objects = run->objects;
    enum ou_status status = refuse_live(c, run, err);

    if (status)
        return status;
    if (snprintf(key, sizeof key, "%s%s/", c->asked.prefix, run->name) >= (int)sizeof key)
        return ou_fail(err, OU_USAGE, "%.80s...: too long for a key", run->name);
    if (!c->dry_run)
        status = s3_delete_prefix(c->asked.s3, key, &objects, err);
    if (status)
        return status;
    if (objects == 0) {
        tell_nothing(c, run->name);
        c->missing++;
        return OU_OK;
    }
    c->runs++;
    c->objects += objects;
    c->bytes += run->bytes;
    return tell_run(run, objects, err);
}

/* Also of a run without objects: uploads in parts that were never ended are in no list. */
static enum ou_status clean_named(struct cleaning *c, const char *operand, struct ou_error *err)
{
    char name[S3_KEY_BYTES_MAX];
    struct storage_run none = { .name = name, .changed_ns = TIME_NONE };

    (void)snprintf(name, sizeof name, "%s", operand);
    if (!*name || strlen(operand) >= sizeof name || strchr(name, '/'))
        return ou_fail(err, OU_USAGE, "%.80s: give a run as `ouroscope storage list` names it",
                       operand);
    for (size_t i = 0; i < c->list.count; i++)
        if (strcmp(c->list.runs[i].name, name) == 0)
            return clean(c, &c->list.runs[i], err);
    return clean(c, &none, err);
}

static enum ou_status clean_all(struct cleaning *c, struct ou_error *err)
{
    enum ou_status status = storage_runs_read(&c->asked, &c->list, err);

    if (!status && c->list.count > 0)
        c->now_ns = servers_now_ns(&c->asked);
    for (size_t i = 0; !status && i < c->options->operand_count; i++)
        status = clean_named(c, c->options->operands[i], err);
    if (c->options->operand_count)
        return status;
    for (size_t i = 0; !status && i < c->list.count; i++)
        if (age_ns(c, &c->list.runs[i]) >= c->older_than_ns)
            status = clean(c, &c->list.runs[i], err);
    return status;
}

static enum ou_status begin(struct cleaning *c, struct ou_error *err)
{
    const char *age = option_value(c->options, STORAGE_CLEAN_OLDER_THAN);
    enum ou_status status = OU_OK;

    c->dry_run = option_given(c->options, STORAGE_CLEAN_DRY_RUN);
    if (!age == !c->options->operand_count)
        status = ou_fail(err, OU_USAGE, "which runs? Name some, or give --older-than AGE");
    if (!status && age)
        status = read_age(age, &c->older_than_ns, err);
    if (!status)
        status = storage_open(c->options, &c->asked, err);
    if (!status && age && !*c->asked.prefix)
        status =
            ou_fail(err, OU_USAGE,
                    "--older-than needs a prefix: without one, each folder of the bucket would "
                    "be a run; name the runs");
    return status;
}

static void tell_sum(const struct cleaning *c)
{
    char line[LINE_ROOM], bytes[RUN_BYTES_ROOM];

    run_bytes_text(c->bytes, bytes);
    (void)snprintf(line, sizeof line, "%s in %" PRIu64 " object%s of %zu run%s %s removed", bytes,
                   c->objects, c->objects == 1 ? "" : "s", c->runs, c->runs == 1 ? "" : "s",
                   c->dry_run ? "would be" : "are");
    say(c->options->command, line);
}

enum exit_code cmd_storage_clean(const struct parsed_options *options)
{
    struct cleaning c = { .options = options };
    struct ou_error err = { 0 };
    enum exit_code code = EXIT_DONE;
    enum ou_status status = begin(&c, &err);

    if (!status)
        status = clean_all(&c, &err);
    if (status)
        code = storage_failed(options, status, &err);
    else
        tell_sum(&c);
    if (c.missing)
        code = EXIT_FAILED;
    storage_runs_release(&c.list);
    storage_close(&c.asked);
    return code;
}
