/* ouroscope run clean: makes room, and deletes no log. */
#include <stdio.h>

#include "cluster/backend_nomad.h"
#include "cmd/help.h"
#include "cmd/run_folder.h"
#include "cmd/say.h"

struct cleaning {
    const struct parsed_options *options;
    bool dry_run;
    uint64_t bytes;
    size_t runs;
};

static enum ou_status clean(struct cleaning *c, const char *directory, struct ou_error *err)
{
    char size[RUN_BYTES_ROOM];
    uint64_t bytes;
    enum ou_status status;

    if (backend_nomad_is_there(directory)) /* and may have to be taken up again */
        return ou_fail(err, OU_USAGE, "%s: its cluster stands; ouroscope run stop ends it",
                       directory);
    status = run_clean(directory, c->dry_run, &bytes, err);
    if (status)
        return status;
    c->runs++;
    c->bytes += bytes;
    run_bytes_text(bytes, size);
    printf("%s  %s\n", size, directory);
    return OU_OK;
}

static enum ou_status clean_finished(struct cleaning *c, struct ou_error *err)
{
    struct run_list list = { 0 };
    enum ou_status status = run_list_read(run_folder_of(c->options, RUN_CLEAN_DIR), &list, err);

    for (size_t i = 0; !status && i < list.count; i++)
        if (run_is_finished(&list.runs[i]) && !backend_nomad_is_there(list.runs[i].directory))
            status = clean(c, list.runs[i].directory, err);
    run_list_release(&list);
    return status;
}

static enum ou_status clean_named(struct cleaning *c, struct ou_error *err)
{
    const struct parsed_options *options = c->options;
    enum ou_status status = OU_OK;
    char path[PATH_MAX];

    for (size_t i = 0; !status && i < options->operand_count; i++) {
        status = run_find(run_folder_of(options, RUN_CLEAN_DIR), options->operands[i], path,
                          sizeof path, err);
        if (!status)
            status = clean(c, path, err);
    }
    return status;
}

enum exit_code cmd_run_clean(const struct parsed_options *options)
{
    bool all = option_given(options, RUN_CLEAN_ALL_FINISHED);
    struct cleaning c = { .options = options, .dry_run = option_given(options, RUN_CLEAN_DRY_RUN) };
    struct ou_error err = { 0 };
    char line[120], size[RUN_BYTES_ROOM];
    enum ou_status status;

    if (all == (options->operand_count > 0)) {
        ou_fail(&err, OU_USAGE, "which run? Name some, or give --all-finished");
        return say_usage_error(options->command, &err);
    }
    status = all ? clean_finished(&c, &err) : clean_named(&c, &err);
    if (status) {
        say(options->command, err.text);
        return EXIT_FAILED;
    }
    run_bytes_text(c.bytes, size);
    snprintf(line, sizeof line, "%s %s freed in %zu run%s", size, c.dry_run ? "would be" : "are",
             c.runs, c.runs == 1 ? "" : "s");
    say(options->command, line);
    return EXIT_DONE;
}
