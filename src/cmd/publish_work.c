#include "cmd/publish_work.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "cmd/help.h"
#include "cmd/published_line.h"
#include "cmd/say.h"
#include "cmd/terminal.h"

static enum ou_status read_info(struct publish_work *w, struct ou_error *err)
{
    const struct parsed_options *o = w->options;
    size_t count = 0;

    w->info = calloc(o->given_count + 1, sizeof *w->info);
    if (!w->info)
        return ou_fail(err, OU_NO_MEMORY, "no memory for options");
    for (size_t i = 0; i < o->given_count; i++)
        if (o->given[i].option == PUBLISHER_INFO)
            w->info[count++] = o->given[i].value;
    w->what.info = w->info;
    return OU_OK;
}

static enum ou_status read_project(struct publish_work *w, const char *otherwise,
                                   struct ou_error *err)
{
    const char *given = option_value(w->options, PUBLISHER_PROJECT);

    w->what.project = given ? given : otherwise;
    return publication_project_is_good(w->what.project)
               ? OU_OK
               : ou_fail(
                     err, OU_USAGE,
                     "--project: '%.64s' is not made of A-Z a-z 0-9 . _ - (at most %d, no dot in "
                     "front)",
                     given, PUBLICATION_PROJECT_MAX);
}

static enum ou_status open_place(struct publish_work *w, struct ou_error *err)
{
    const struct publisher_options options = {
        .command = w->options->command,
        .place = option_value(w->options, PUBLISHER_TO),
        .token_file = option_value(w->options, PUBLISHER_TOKEN_FILE),
        .ca_file = option_value(w->options, PUBLISHER_CA),
        .replace = option_given(w->options, PUBLISHER_REPLACE),
        .progress = &w->progress,
    };

    if (!place_is_server(place_or_default(options.place)) &&
        (options.token_file || options.ca_file))
        return ou_fail(err, OU_USAGE, "--%s is for a server, and the place is a database",
                       options.token_file ? "token-file" : "ca");
    return publisher_open(&w->publisher, &options, err);
}

enum ou_status publish_begin(struct publish_work *w, const struct parsed_options *options,
                             const char *project, bool opens, struct ou_error *err)
{
    const enum when when = when_of(option_value(options, PUBLISHER_PROGRESS));
    enum ou_status status;

    *w = (struct publish_work){
        .options = options,
        .json = option_given(options, PUBLISHER_JSON),
        .progress = { .shown = terminal_progress(STDERR_FILENO, when),
                      .fd = STDERR_FILENO,
                      .width = terminal_width(STDERR_FILENO) },
    };
    interrupt_install();
    status = read_info(w, err);
    if (!status)
        status = read_project(w, project, err);
    return status || !opens ? status : open_place(w, err);
}

void publish_line(struct publish_work *w, const struct published_line *line, bool plain)
{
    if (w->json ? published_line_json(line) : !plain || published_line_print(line))
        return;
    say(w->options->command, "no memory to tell what has become of a run");
    w->failed = true;
}

void publish_tell(struct publish_work *w, const struct publishing *run, bool lines)
{
    char text[PUBLISHED_CONFLICT_ROOM];
    const bool is_refused = put_is_refused(run->sent.outcome);
    const struct published_line line = {
        .run = run->name,
        .outcome = publisher_outcome(run->sent.outcome),
        .id = run->sent.id,
        .url = run->sent.url,
        .message = is_refused ? text : NULL,
    };

    if (is_refused)
        published_conflict_text(run, text);
    publish_line(w, &line, lines && !is_refused);
    if (!is_refused)
        return;
    say(w->options->command, text);
    w->failed = true;
}

enum exit_code publish_end(struct publish_work *w, enum ou_status status,
                           const struct ou_error *err)
{
    enum exit_code code = w->failed ? EXIT_FAILED : EXIT_DONE;

    progress_erase(&w->progress);
    if (status == OU_USAGE) {
        code = say_usage_error(w->options->command, err);
    } else if (status) {
        say(w->options->command, err->text);
        code = EXIT_FAILED;
    }
    publisher_close(&w->publisher);
    free(w->info);
    return code;
}
