#include "workbench/sweep_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "json/tree.h"
#include "json/write.h"

#define FILE_NAME "journal.jsonl"

static const char *const event_names[] = {
#define X(name, text) text,
    SWEEP_EVENTS(X)
#undef X
};
enum { EVENTS = sizeof event_names / sizeof *event_names };

/* ---- into the sweep ---- */

static enum ou_status apply(struct sweep *s, const struct sweep_entry *e, struct ou_error *err)
{
    bool counts = e->event == SWEEP_done || e->event == SWEEP_failed || e->event == SWEEP_given_up;

    if (*e->directory) {
        s->directories[e->run] = arena_copy(&s->memory, e->directory, strlen(e->directory));
        if (!s->directories[e->run])
            return ou_fail(err, OU_NO_MEMORY, "no memory for the journal of the sweep");
    }
    s->spent_s += e->seconds;
    s->has_unfinished = e->event == SWEEP_begun;
    if (counts) {
        s->tries++;
        s->attempts[e->run]++;
        s->longest_s = e->seconds > s->longest_s ? e->seconds : s->longest_s;
    }
    if (e->event == SWEEP_done) {
        s->states[e->run] = SWEEP_RUN_DONE;
        s->done_count++;
    } else if (e->event == SWEEP_given_up) {
        s->states[e->run] = SWEEP_RUN_GIVEN_UP;
        s->given_up_count++;
    }
    return OU_OK;
}

static const char *text_of(const json_t *line, const char *member)
{
    const char *text = json_string_value(json_object_get(line, member));

    return text ? text : "";
}

/* Whether the line is about this plan's run of that number. */
static bool is_of_plan(const struct sweep *s, const json_t *line, json_int_t run)
{
    const struct sweep_run *planned;

    if (run < 0 || (uint64_t)run >= s->run_count || s->states[run] != SWEEP_RUN_OPEN)
        return false;
    planned = &s->order[run];
    return json_integer_value(json_object_get(line, "point")) == planned->point &&
           json_integer_value(json_object_get(line, "block")) == planned->block &&
           json_integer_value(json_object_get(line, "position")) == planned->position;
}

static enum ou_status take_tree(struct sweep *s, const json_t *line, struct ou_error *err)
{
    const json_t *number = json_object_get(line, "run");
    json_int_t run = json_is_integer(number) ? json_integer_value(number) : -1;
    struct sweep_entry e = { .directory = text_of(line, "directory"), .cause = "" };
    int event = 0;

    while (event < EVENTS && strcmp(event_names[event], text_of(line, "event")) != 0)
        event++;
    if (event == EVENTS)
        return ou_fail(err, OU_INVALID, "no event \"%.40s\" is known", text_of(line, "event"));
    if (!is_of_plan(s, line, run))
        return ou_fail(err, OU_INVALID, "run %lld is none that is open in this plan",
                       (long long)run);
    e.event = (enum sweep_event)event;
    e.run = (size_t)run;
    e.seconds = json_number_value(json_object_get(line, "seconds"));
    if (!(e.seconds >= 0))
        return ou_fail(err, OU_INVALID, "seconds are negative");
    return apply(s, &e, err);
}

enum ou_status sweep_journal_take(struct sweep *s, struct span line, struct ou_error *err)
{
    json_t *tree = NULL;
    enum ou_status status = json_tree_parse(line, FILE_NAME, &tree, err);

    if (!status)
        status = take_tree(s, tree, err);
    json_decref(tree);
    return status;
}

static enum ou_status take_all(struct sweep *s, const char *path, struct span text,
                               struct ou_error *err)
{
    for (size_t number = 1; text.len; number++) {
        const char *end = memchr(text.at, '\n', text.len);
        size_t len = end ? (size_t)(end - text.at) : text.len;
        struct ou_error why = { 0 };
        enum ou_status status = sweep_journal_take(s, (struct span){ text.at, len }, &why);

        if (status)
            return ou_fail(err, status, "%s: line %zu: %s", path, number, why.text);
        text.at += len + (end != NULL);
        text.len -= len + (end != NULL);
    }
    return OU_OK;
}

/* ---- the file ---- */

static enum ou_status fail_file(const char *what, const char *path, struct ou_error *err)
{
    return ou_fail(err, OU_IO, "%s %s: %s", what, path, strerror(errno));
}

static enum ou_status journal_path(const struct sweep *s, char ret[PATH_MAX], struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/" FILE_NAME, s->directory) < PATH_MAX)
        return OU_OK;
    return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", s->directory);
}

/* A line is whole when its end is there: what stands behind the last end was being written when the writer died. */
static enum ou_status take_file(struct sweep *s, const char *path, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), SWEEP_JOURNAL_BYTES_MAX);
    status = file_read(path, &text, err);
    if (!status) {
        const char *all = buffer_string(&text), *end = memrchr(all, '\n', text.len);
        size_t whole = end ? (size_t)(end + 1 - all) : 0;

        status = take_all(s, path, (struct span){ all, whole }, err);
        if (!status && whole < text.len && s->is_open &&
            ftruncate(s->journal_fd, (off_t)whole) != 0)
            status = fail_file("shorten", path, err);
    }
    buffer_release(&text);
    return status;
}

enum ou_status sweep_journal_read(struct sweep *s, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = journal_path(s, path, err);

    return status || access(path, F_OK) != 0 ? status : take_file(s, path, err);
}

/* So that the new file itself is still there behind a power cut. */
static void sync_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return;
    (void)fsync(fd);
    close(fd);
}

enum ou_status sweep_journal_open(struct sweep *s, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = journal_path(s, path, err);

    if (status)
        return status;
    /* In a directory of somebody else's it may lead anywhere, or be no file. */
    s->journal_fd =
        open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (s->journal_fd < 0)
        return fail_file("open", path, err);
    s->is_open = true;
    if (flock(s->journal_fd, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK
                     ? ou_fail(err, OU_IO, "%s: another ouroscope works on this sweep", path)
                     : fail_file("lock", path, err);
    else
        status = take_file(s, path, err);
    if (status)
        sweep_journal_close(s);
    else
        sync_directory(s->directory);
    return status;
}

void sweep_journal_close(struct sweep *s)
{
    if (s->is_open)
        close(s->journal_fd);
    s->is_open = false;
}

static void append_line(struct buffer *out, const struct sweep *s, const struct sweep_entry *e)
{
    const struct sweep_run *run = &s->order[e->run];
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "at");
    json_instant(&w, time_wall_ns());
    json_key(&w, "run");
    json_uint(&w, e->run);
    json_key(&w, "point");
    json_uint(&w, run->point);
    json_key(&w, "block");
    json_uint(&w, run->block);
    json_key(&w, "position");
    json_uint(&w, run->position);
    json_key(&w, "event");
    json_cstring(&w, event_names[e->event]);
    if (*e->directory) {
        json_key(&w, "directory");
        json_cstring(&w, e->directory);
    }
    if (e->event != SWEEP_begun) {
        json_key(&w, "seconds");
        json_double(&w, e->seconds);
        json_key(&w, "cause");
        json_cstring(&w, e->cause);
    }
    json_end(&w);
    buffer_char(out, '\n');
}

enum ou_status sweep_journal_add(struct sweep *s, const struct sweep_entry *entry,
                                 struct ou_error *err)
{
    struct buffer line;
    enum ou_status status;

    buffer_init(&line, allocator_libc(), 1 << 20);
    append_line(&line, s, entry);
    status = buffer_status(&line);
    if (status)
        (void)ou_fail(err, status, "no memory for the journal of the sweep");
    else
        status = fd_write_all(s->journal_fd, line.at, line.len, err);
    buffer_release(&line);
    if (!status && fdatasync(s->journal_fd) != 0)
        status = fail_file("sync", s->directory, err);
    return status ? status : apply(s, entry, err);
}
