/* ouroscope publish: runs into a database of results. */
#include "cmd/publish.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/interrupt.h"
#include "cmd/publish_work.h"
#include "cmd/published_line.h"
#include "cmd/say.h"
#include "cmd/study_inputs.h"
#include "publish/takein.h"

struct publish {
    struct publish_work work;
    bool dry_run;
};

/* ---- one run ---- */

static enum ou_status make(struct publish *p, const char *run, struct buffer *ret,
                           struct ou_error *err)
{
    enum ou_status status = publication_make(run, &p->work.what, ret, err);

    if (status != OU_NOT_FOUND || !study_input_is_analysable(run))
        return status;
    progress_erase(&p->work.progress);
    status = study_input_analyse(p->work.options->command, run, err);
    return status ? status : publication_make(run, &p->work.what, ret, err);
}

/* Checks it as a server would. */
static enum ou_status try_out(struct publishing *run, struct ou_error *err)
{
    struct takein_item item;
    enum ou_status status = takein_read(run->document, run->name, &item, err);

    if (!status)
        snprintf(run->sent.id, sizeof run->sent.id, "%.*s", RECORD_ID_DIGITS,
                 item.record.content_hash);
    takein_release(&item);
    return status;
}

/* What was not sent to any place: message NULL: as it was only tried out. */
static void tell_unsent(struct publish *p, const struct publishing *run, const char *message)
{
    const struct published_line line = {
        .run = run->name,
        .outcome = message ? "failed" : "would publish",
        .id = run->sent.id,
        .url = "",
        .message = message,
    };

    publish_line(&p->work, &line, !message);
}

static void tell(struct publish *p, const struct publishing *run, const char *message)
{
    progress_erase(&p->work.progress);
    if (message || p->dry_run)
        tell_unsent(p, run, message);
    else
        publish_tell(&p->work, run, true);
}

static enum ou_status publish_document(struct publish *p, struct publishing *run,
                                       struct ou_error *err)
{
    return p->dry_run ? try_out(run, err) : publisher_put(&p->work.publisher, run, 1, NULL, err);
}

/* Others can be published all the same. */
static bool is_of_this_run(enum ou_status status)
{
    return status == OU_INVALID || status == OU_NOT_FOUND || status == OU_TOO_LARGE;
}

static enum ou_status publish_run(struct publish *p, const char *name, struct ou_error *err)
{
    struct publishing run = { .name = name };
    struct buffer document;
    enum ou_status status;

    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    status = make(p, name, &document, err);
    run.document = (struct span){ buffer_string(&document), document.len };
    if (!status)
        status = publish_document(p, &run, err);
    buffer_release(&document);
    tell(p, &run, status ? err->text : NULL);
    if (!is_of_this_run(status))
        return status;
    say(p->work.options->command, err->text);
    p->work.failed = true;
    return OU_OK;
}

/* ---- what is no run ---- */

static bool is_sqlite(const char *path)
{
    static const char magic[] = "SQLite format 3"; /* with its NUL */
    char head[sizeof magic] = "";
    FILE *f = fopen(path, "rbe");
    size_t len = f ? fread(head, 1, sizeof head, f) : 0;

    if (f)
        (void)fclose(f);
    return len == sizeof head && memcmp(head, magic, sizeof head) == 0;
}

/* A database that stands among the runs, as in runs/results.db, and the files that SQLite puts beside it while it is open. */
static bool is_database(const char *name)
{
    static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
    const size_t len = strlen(name);
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        const size_t end = strlen(beside[i]);

        if (len <= end || len >= sizeof path || strcmp(name + len - end, beside[i]) != 0)
            continue;
        snprintf(path, sizeof path, "%.*s", (int)(len - end), name);
        if (is_sqlite(path))
            return true;
    }
    return false;
}

static void tell_passed_over(struct publish *p, const char *name)
{
    char text[512];

    snprintf(text, sizeof text, "%.400s is of a database, no run: passed over", name);
    progress_erase(&p->work.progress);
    say(p->work.options->command, text);
}

/* ---- the command ---- */

static void show_progress(struct publish *p, size_t done)
{
    char line[PROGRESS_ROOM];

    snprintf(line, sizeof line, "%zu of %zu runs", done, p->work.options->operand_count);
    progress_draw(&p->work.progress, line);
}

static enum ou_status publish_all(struct publish *p, struct ou_error *err)
{
    const struct parsed_options *o = p->work.options;
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < o->operand_count; i++) {
        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "interrupted behind %zu of %zu runs", i,
                           o->operand_count);
        show_progress(p, i);
        if (is_database(o->operands[i]))
            tell_passed_over(p, o->operands[i]);
        else
            status = publish_run(p, o->operands[i], err);
    }
    return status;
}

enum exit_code cmd_publish(const struct parsed_options *options)
{
    struct publish p = { .dry_run = option_given(options, PUBLISH_DRY_RUN) };
    struct ou_error err = { 0 };
    enum ou_status status = publish_begin(&p.work, options, PUBLICATION_PROJECT, !p.dry_run, &err);

    if (!status)
        status = publish_all(&p, &err);
    return publish_end(&p.work, status, &err);
}
