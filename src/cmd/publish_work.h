/* What `publish` and `import` begin and end with: options, the place, the progress line, the exit status. */
#ifndef OU_CMD_PUBLISH_WORK_H
#define OU_CMD_PUBLISH_WORK_H

#include "cmd/publish.h"
#include "cmd/published_line.h"
#include "cmd/publisher.h"
#include "publish/publication.h"

struct publish_work {
    const struct parsed_options *options;
    struct publisher publisher;
    struct publication_options what;
    const char **info; /* of what; owned */
    struct progress progress;
    bool json;
    bool failed; /* one of the runs is not published, or not told of */
};

/* Reads the options and, if `opens`, opens the place. project: where --project is not given. To be ended in any case. */
enum ou_status publish_begin(struct publish_work *w, const struct parsed_options *options,
                             const char *project, bool opens, struct ou_error *err);
/* A line on standard output: with --json always, else if `plain`. That there is no memory for it is told, and remembered as a
 * failure. */
void publish_line(struct publish_work *w, const struct published_line *line, bool plain);
/* What has become of a run: with --json a line of it, else one if `lines`; its conflict is told on standard error, too, and
 * remembered as a failure. */
void publish_tell(struct publish_work *w, const struct publishing *run, bool lines);
/* Tells what went wrong. */
enum exit_code publish_end(struct publish_work *w, enum ou_status status,
                           const struct ou_error *err);

#endif
