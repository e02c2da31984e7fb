/* What the topology commands have in common. */
#ifndef OU_CMD_TOPOLOGY_H
#define OU_CMD_TOPOLOGY_H

#include "base/buffer.h"
#include "cmd/commands.h"
#include "profile/topology.h"

/* Rows of the option tables. */
enum topology_make_option {
    TOPOLOGY_MAKE_SHAPE,
    TOPOLOGY_MAKE_NODES,
    TOPOLOGY_MAKE_LOCATION,
    TOPOLOGY_MAKE_EXPLORER,
    TOPOLOGY_MAKE_OVERLAY,
    TOPOLOGY_MAKE_NODE,
    TOPOLOGY_MAKE_FORM,
    TOPOLOGY_MAKE_PORT,
    TOPOLOGY_MAKE_SPECS,
    TOPOLOGY_MAKE_OUT,
};
enum topology_show_option {
    TOPOLOGY_SHOW_FORMAT,
    TOPOLOGY_SHOW_JSON,
    TOPOLOGY_SHOW_OVERLAY,
    TOPOLOGY_SHOW_TITLE,
    TOPOLOGY_SHOW_OUT,
};

/* What a picture is called when nobody says. */
struct topology_source {
    struct arena memory;
    struct profile profile; /* zeroed where it is a file */
    struct topology topology;
    char title[256];
};

/* Of a profile, a topology.json, or a run directory. OU_USAGE where it is none of these. The caller releases *ret, also after a
 * failure. */
enum ou_status topology_source_load(const struct parsed_options *options, const char *name,
                                    size_t overlay_option, struct topology_source *ret,
                                    struct ou_error *err);
void topology_source_release(struct topology_source *s);

/* Writes to a file, or standard output for NULL; tells what went wrong, and how the command ends. */
enum exit_code topology_put(const struct parsed_options *options, const struct buffer *out,
                            const char *path);

enum exit_code cmd_topology_make(const struct parsed_options *options);
enum exit_code cmd_topology_show(const struct parsed_options *options);

#endif
