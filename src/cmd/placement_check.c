/* ouroscope placement check: everything that is wrong with a placement plan. */
#include <stdio.h>
#include <string.h>

#include "cmd/placement.h"
#include "cmd/say.h"

/* One fault a line. */
static void tell_faults(const struct parsed_options *options, struct ou_error *faults)
{
    char *rest = faults->text;
    const char *line;

    while ((line = strsep(&rest, "\n")))
        say(options->command, line);
}

enum exit_code cmd_placement_check(const struct parsed_options *options)
{
    struct placement_asked asked;
    struct ou_error err = { 0 };
    enum ou_status status = placement_asked_load(options, PLACEMENT_CHECK_PROFILE,
                                                 PLACEMENT_CHECK_OVERLAY, &asked, &err);

    if (!status)
        status = placement_check(&asked.plan, asked.wants, asked.want_count, &err);
    if (status)
        tell_faults(options, &err);
    else if (asked.want_count)
        printf("%s has a place for each of %zu hosts of %s\n", asked.plan.name, asked.want_count,
               asked.profile.name);
    else
        printf("%s has no faults\n", asked.plan.name);
    placement_asked_release(&asked);
    return status ? EXIT_FAILED : EXIT_DONE;
}
