/* ouroscope import: tables of published results into a database of results. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/interrupt.h"
#include "cmd/publish_work.h"
#include "cmd/say.h"
#include "study/read_runs.h"
#include "study/results_file.h"
#include "study/table_lines.h"

/* Of a table: what has become of its runs. */
struct import_counts {
    size_t published, there, replaced, conflicts;
};

struct import {
    struct publish_work work;
    const char *table; /* the operand */
    struct import_counts counts;
    struct buffer documents[PUBLISHER_BATCH]; /* that wait */
    char *names[PUBLISHER_BATCH];
    size_t waiting;
};

/* ---- runs on their way ---- */

static void count(struct import *m, enum put_outcome outcome)
{
    switch (outcome) {
    case PUT_CREATED: m->counts.published++; break;
    case PUT_SAME: m->counts.there++; break;
    case PUT_REPLACED: m->counts.replaced++; break;
    default: m->counts.conflicts++; break;
    }
}

static void forget_waiting(struct import *m)
{
    for (size_t i = 0; i < m->waiting; i++) {
        buffer_release(&m->documents[i]);
        free(m->names[i]);
    }
    m->waiting = 0;
}

/* What waits goes to the place. */
static enum ou_status flush(struct import *m, struct ou_error *err)
{
    struct publishing runs[PUBLISHER_BATCH];
    char line[PROGRESS_ROOM];
    size_t done;
    enum ou_status status;

    for (size_t i = 0; i < m->waiting; i++)
        runs[i] = (struct publishing){
            .name = m->names[i],
            .document = { buffer_string(&m->documents[i]), m->documents[i].len },
        };
    status = publisher_put(&m->work.publisher, runs, m->waiting, &done, err);
    progress_erase(&m->work.progress);
    for (size_t i = 0; i < done; i++) {
        count(m, runs[i].sent.outcome);
        publish_tell(&m->work, &runs[i], false);
    }
    forget_waiting(m);
    snprintf(line, sizeof line, "%zu runs",
             m->counts.published + m->counts.there + m->counts.replaced + m->counts.conflicts);
    progress_draw(&m->work.progress, line);
    return status;
}

static enum ou_status take_run(void *context, const struct table_lines *lines, struct ou_error *err)
{
    struct import *m = context;
    struct buffer *document = &m->documents[m->waiting];
    enum ou_status status;

    if (interrupt_pending())
        return ou_fail(err, OU_INTERRUPTED, "interrupted; importing %s again goes on from here",
                       m->table);
    buffer_init(document, allocator_libc(), PUBLICATION_MAX);
    m->names[m->waiting++] = strdup(lines->name);
    status = publication_make_table(lines->name, lines->text, &m->work.what, document, err);
    if (!status && !m->names[m->waiting - 1])
        status = ou_fail(err, OU_NO_MEMORY, "no memory for %s", lines->name);
    if (!status && m->waiting == PUBLISHER_BATCH)
        status = flush(m, err);
    return status;
}

/* ---- a table ---- */

static void tell_table(const struct import *m)
{
    const struct import_counts *c = &m->counts;
    char text[512], place[256];

    snprintf(
        text, sizeof text,
        "%.200s: %zu runs: %zu published, %zu there already, %zu replaced, %zu conflicts; in %s",
        m->table, c->published + c->there + c->replaced + c->conflicts, c->published, c->there,
        c->replaced, c->conflicts, publisher_shown(&m->work.publisher, place, sizeof place));
    if (m->work.json)
        say(m->work.options->command, text);
    else
        puts(text);
}

static enum ou_status import_text(struct import *m, struct span text, const char *path,
                                  const char *selector, struct ou_error *err)
{
    enum ou_status status;

    if (!span_starts(text, "report\t"))
        return ou_fail(
            err, OU_INVALID,
            "%s is no table of published results, which begins with a line of names: report, "
            "workload, ...; `ouroscope publish` takes runs and analysis files",
            path);
    status = table_lines_each(text, path, selector, take_run, m, err);
    if (!status)
        status = flush(m, err);
    forget_waiting(m);
    progress_erase(&m->work.progress);
    return status;
}

static enum ou_status import_table(struct import *m, const char *operand, struct ou_error *err)
{
    char path[PATH_MAX], checksum[CHECKSUM_HEX_ROOM];
    const char *selector;
    struct buffer text;
    enum ou_status status = results_file_find(operand, path, &selector, err);

    if (status)
        return status;
    m->table = operand;
    m->counts = (struct import_counts){ 0 };
    buffer_init(&text, allocator_libc(), ANALYSIS_FILE_MAX);
    status = results_file_load(path, &text, checksum, err);
    if (!status)
        status =
            import_text(m, (struct span){ buffer_string(&text), text.len }, path, selector, err);
    buffer_release(&text);
    if (!status)
        tell_table(m);
    return status;
}

/* ---- the command ---- */

enum exit_code cmd_import(const struct parsed_options *options)
{
    struct import m = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status = publish_begin(&m.work, options, "published", true, &err);

    for (size_t i = 0; !status && i < options->operand_count; i++)
        status = import_table(&m, options->operands[i], &err);
    return publish_end(&m.work, status, &err);
}
