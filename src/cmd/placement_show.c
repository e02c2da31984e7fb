/* ouroscope placement show: where each host is to stand, or the plan with its defaults filled in. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/columns.h"
#include "cmd/placement.h"
#include "cmd/profile.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "json/tree.h"

#define OUT_BYTES_MAX ((size_t)16 << 20)

static const char *or_any(const char *text)
{
    return text ? text : "any";
}

static const char *machine_of(const struct placement *p, const char *host)
{
    for (size_t i = 0; i < p->pin_count; i++)
        if (strcmp(p->pins[i].host, host) == 0)
            return p->pins[i].to.right;
    return "any";
}

/* "8 cores" or "5000 MHz", and "15400 to 16000 MB": what is not told is Nomad's to say. */
static void add_resources(struct columns *c, const struct placement_instance *i)
{
    columns_add(c, i ? i->name : "");
    if (i && i->cores)
        columns_printf(c, "%u core%s", i->cores, i->cores == 1 ? "" : "s");
    else if (i && i->cpu_mhz)
        columns_printf(c, "%u MHz", i->cpu_mhz);
    else
        columns_add(c, "");
    if (i && i->memory_max_mb > i->memory_mb)
        columns_printf(c, "%u to %u MB", i->memory_mb, i->memory_max_mb);
    else if (i && i->memory_mb)
        columns_printf(c, "%u MB", i->memory_mb);
    else
        columns_add(c, "");
}

/* A host for which the plan has no place is shown so, too. */
static void add_place(struct columns *c, const struct placement_region *region)
{
    if (!region) {
        columns_add(c, "none");
        columns_add(c, "");
        return;
    }
    columns_add(c, region->datacenter ? region->datacenter : region->name);
    columns_add(c, or_any(region->node_class));
}

static const struct placement_instance *instance_of(const struct placement_region *region,
                                                    const struct host_want *want)
{
    if (!region)
        return NULL;
    return want->is_explorer ? region->explorer : region->producer;
}

static void add_hosts(struct columns *c, const struct placement_asked *a)
{
    static const char *const heads[] = { "host",    "region",   "datacenter", "class",
                                         "machine", "instance", "processors", "memory" };

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        columns_add(c, heads[i]);
    for (size_t i = 0; i < a->want_count; i++) {
        const struct host_want *want = &a->wants[i];
        const struct placement_region *region = placement_region_of(&a->plan, want);

        columns_add(c, want->name);
        columns_add(c, want->region);
        add_place(c, region);
        columns_add(c, machine_of(&a->plan, want->name));
        add_resources(c, instance_of(region, want));
    }
}

static void add_regions(struct columns *c, const struct placement *p)
{
    static const char *const heads[] = { "region",   "datacenter", "class",
                                         "instance", "processors", "memory" };

    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        columns_add(c, heads[i]);
    for (size_t i = 0; i < p->region_count; i++) {
        columns_add(c, p->regions[i].name);
        add_place(c, &p->regions[i]);
        add_resources(c, p->regions[i].producer);
    }
}

static enum ou_status append_table(const struct placement_asked *a, struct buffer *out,
                                   struct ou_error *err)
{
    struct columns c;
    enum ou_status status;

    columns_init(&c, a->want_count ? 8 : 6, 0, (size_t)terminal_width(STDOUT_FILENO));
    if (a->want_count)
        add_hosts(&c, a);
    else
        add_regions(&c, &a->plan);
    status = columns_write(&c, out, err);
    columns_release(&c);
    return status;
}

static enum ou_status append(const struct parsed_options *options, const struct placement_asked *a,
                             struct buffer *out, struct ou_error *err)
{
    if (!option_given(options, PLACEMENT_SHOW_JSON))
        return append_table(a, out, err);
    json_tree_append(out, a->plan.document);
    buffer_char(out, '\n');
    return OU_OK;
}

/* It is no fault of a plan that is only looked at. */
static void tell_homeless(const struct parsed_options *options, const struct placement_asked *a)
{
    char line[400];

    for (size_t i = 0; i < a->want_count; i++) {
        if (placement_region_of(&a->plan, &a->wants[i]))
            continue;
        (void)snprintf(line, sizeof line,
                       "%.160s has no place for %.64s: ouroscope placement check tells why",
                       a->plan.source, a->wants[i].name);
        say_warning(options->command, line);
        return;
    }
}

enum exit_code cmd_placement_show(const struct parsed_options *options)
{
    struct placement_asked asked;
    struct ou_error err = { 0 };
    struct buffer out;
    enum exit_code code;
    enum ou_status status =
        placement_asked_load(options, PLACEMENT_SHOW_PROFILE, PLACEMENT_SHOW_OVERLAY, &asked, &err);

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = append(options, &asked, &out, &err);
    code = status ? profile_command_failed(options, status, &err) : profile_put(options, &out);
    if (!status)
        tell_homeless(options, &asked);
    buffer_release(&out);
    placement_asked_release(&asked);
    return code;
}
