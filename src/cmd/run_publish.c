#include "cmd/run_publish.h"

#include <stdio.h>

#include "cmd/publisher.h"
#include "cmd/say.h"
#include "publish/publication.h"

static const char *project_of(const struct parsed_options *options)
{
    const char *given = option_value(options, RUN_OPTION_PROJECT);

    return given ? given : PUBLICATION_PROJECT;
}

static enum ou_status open_place(const struct parsed_options *options, struct publisher *ret,
                                 struct ou_error *err)
{
    const struct publisher_options wanted = {
        .command = options->command,
        .place = option_value(options, RUN_OPTION_PUBLISH_TO),
        .token_file = option_value(options, RUN_OPTION_TOKEN_FILE),
    };

    return publisher_open(ret, &wanted, err);
}

enum ou_status run_publish_check(const struct parsed_options *options, struct ou_error *err)
{
    struct publisher publisher = { 0 };
    enum ou_status status;

    if (!option_given(options, RUN_OPTION_PUBLISH_TO))
        return OU_OK;
    if (option_given(options, RUN_OPTION_NO_ANALYSIS) ||
        option_given(options, RUN_OPTION_PREPARE) || option_given(options, RUN_OPTION_PLAN))
        return ou_fail(
            err, OU_USAGE,
            "--publish-to wants results: it cannot stand with --no-analysis, --prepare or "
            "--plan");
    if (!publication_project_is_good(project_of(options)))
        return ou_fail(err, OU_USAGE, "--project: '%.64s' is not made of A-Z a-z 0-9 . _ -",
                       project_of(options));
    /* Half an hour later it would be late to hear of a password or token that is wrong. */
    status = open_place(options, &publisher, err);
    if (!status)
        status = publisher_ask(&publisher, err);
    publisher_close(&publisher);
    return status;
}

/* "published 0123... in results.db" */
static void tell(const struct parsed_options *options, const struct publishing *run,
                 const char *place)
{
    char line[SENT_URL_ROOM + 128];

    if (*run->sent.url)
        snprintf(line, sizeof line, "%s: %s", publisher_outcome(run->sent.outcome), run->sent.url);
    else
        snprintf(line, sizeof line, "%s as %s in %.400s", publisher_outcome(run->sent.outcome),
                 run->sent.id, place);
    say(options->command, line);
}

static enum ou_status put(const struct parsed_options *options, struct publishing *run,
                          struct ou_error *err)
{
    struct publisher publisher = { 0 };
    char shown[SENT_URL_ROOM];
    enum ou_status status = open_place(options, &publisher, err);

    if (!status)
        status = publisher_put(&publisher, run, 1, NULL, err);
    if (!status && put_is_refused(run->sent.outcome))
        status = ou_fail(err, OU_INVALID,
                         "a run of this name is there with other content, or in another project");
    if (!status)
        tell(options, run, publisher_shown(&publisher, shown, sizeof shown));
    publisher_close(&publisher);
    return status;
}

/* How it would be done by hand. */
static enum ou_status with_next_step(const struct parsed_options *options,
                                     const struct run_result *result, enum ou_status status,
                                     struct ou_error *err)
{
    struct ou_error why = *err;
    char shown[SENT_URL_ROOM];
    const char *place = option_value(options, RUN_OPTION_PUBLISH_TO);

    if (place_is_server(place))
        http_url_shown(place, shown, sizeof shown);
    else if (sql_is_postgres(place)) /* may have a password */
        snprintf(shown, sizeof shown, "PLACE");
    else
        snprintf(shown, sizeof shown, "%s", place);
    return ou_fail(err, status,
                   "it was not published: %s; `ouroscope publish --to %s %s` tries again", why.text,
                   shown, result->directory);
}

enum ou_status run_publish(const struct parsed_options *options, const struct run_result *result,
                           struct ou_error *err)
{
    const bool ended = result->state == RUN_analysed || result->state == RUN_failed;
    const struct publication_options what = { .project = project_of(options) };
    struct publishing run = { .name = result->directory };
    struct buffer document;
    enum ou_status status;

    if (!option_given(options, RUN_OPTION_PUBLISH_TO) || !result->directory[0] || !ended ||
        result->interrupted)
        return OU_OK;
    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    status = publication_make(result->directory, &what, &document, err);
    run.document = (struct span){ buffer_string(&document), document.len };
    if (!status)
        status = put(options, &run, err);
    buffer_release(&document);
    return status ? with_next_step(options, result, status, err) : OU_OK;
}
