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

static bool is_host(const struct placement_asked *asked, const char *name)
{
    for (size_t i = 0; i < asked->want_count; i++)
        if (strcmp(asked->wants[i].name, name) == 0)
            return true;
    return false;
}

/* A plan may be for larger clusters, too: such a pin is no fault, and may be a slip. */
static void tell_idle_pins(const struct parsed_options *options, const struct placement_asked *a)
{
    char line[400];

    for (size_t i = 0; a->want_count && i < a->plan.pin_count; i++) {
        if (is_host(a, a->plan.pins[i].host))
            continue;
        (void)snprintf(line, sizeof line, "%.160s: pins: %.64s is no host of %.100s",
                       a->plan.source, a->plan.pins[i].host, a->profile.name);
        say_warning(options->command, line);
    }
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
        printf("%s has a place for each of %zu hosts of %s\n", asked.plan.source, asked.want_count,
               asked.profile.name);
    else
        printf("%s has no faults\n", asked.plan.source);
    if (!status)
        tell_idle_pins(options, &asked);
    placement_asked_release(&asked);
    return status ? EXIT_FAILED : EXIT_DONE;
}
