/* ouroscope topology make: the topology of a profile, or of a shape, as files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/profile.h"
#include "cmd/topology.h"
#include "json/tree.h"
#include "profile/node_specs.h"
#include "profile/topology_files.h"

#define MEMORY_BYTES_MAX ((size_t)512 << 20)
#define OUT_BYTES_MAX ((size_t)256 << 20)
#define BASE_PORT 30000
#define BASE_PROFILE "default"

struct making {
    const struct parsed_options *options;
    struct arena memory;
    struct profile profile;
    struct topology topology;
    struct site sites[PROFILE_HOSTS_MAX]; /* on this machine, at ports in a row */
};

/* ---- options ---- */

static enum ou_status read_number(const struct parsed_options *options, size_t option, long least,
                                  long most, long otherwise, long *ret, struct ou_error *err)
{
    const char *text = option_value(options, option);
    char *end;

    *ret = otherwise;
    if (!text)
        return OU_OK;
    *ret = strtol(text, &end, 10);
    if (end == text || *end || *ret < least || *ret > most)
        return ou_fail(err, OU_USAGE, "--%s must be a number from %ld to %ld, not '%s'",
                       options->command->options[option].name, least, most, text);
    return OU_OK;
}

/* What --shape, --nodes, --location and --explorer say of the composition; {} where they are not given. */
static json_t *composition_of(const struct parsed_options *options, long nodes)
{
    const char *shape = option_value(options, TOPOLOGY_MAKE_SHAPE);
    json_t *composition = json_object(), *locations = json_array();

    for (size_t i = 0; i < options->given_count; i++)
        if (options->given[i].option == TOPOLOGY_MAKE_LOCATION)
            json_array_append_new(locations, json_string(options->given[i].value));
    if (json_array_size(locations)) {
        json_object_set(composition, "locations", locations);
        json_object_set_new(composition, "links", json_null()); /* not those of other places */
    }
    json_decref(locations);
    if (shape)
        json_object_set_new(composition, "topology", json_string(shape));
    if (option_given(options, TOPOLOGY_MAKE_EXPLORER))
        json_object_set_new(composition, "with_explorer", json_true());
    if (nodes) {
        json_object_set_new(composition, "n_singular_hosts", json_integer(nodes));
        json_object_set_new(composition, "n_dense_hosts", json_integer(0));
        json_object_set_new(composition, "n_bft_hosts", json_integer(0));
    }
    return json_pack("{s:o}", "composition", composition);
}

/* The profile with the overlays of the command line, and the composition over them. */
static enum ou_status load_profile(struct making *m, struct ou_error *err)
{
    const struct parsed_options *options = m->options;
    const char *name = options->operand_count ? options->operands[0] : BASE_PROFILE;
    struct overlays overlays = { 0 };
    json_t *composition = NULL;
    char *text = NULL;
    long nodes;
    enum ou_status status =
        read_number(options, TOPOLOGY_MAKE_NODES, 1, PROFILE_HOSTS_MAX, 0, &nodes, err);

    if (!status)
        status = overlays_read(options, TOPOLOGY_MAKE_OVERLAY, &overlays, err);
    if (status) {
        overlays_release(&overlays);
        return status;
    }
    composition = composition_of(options, nodes);
    text = composition ? json_dumps(composition, JSON_COMPACT) : NULL;
    status = text ? overlays_add(&overlays, text, err)
                  : ou_fail(err, OU_NO_MEMORY, "no memory for the composition");
    if (!status)
        status = profile_of_overlays(name, &overlays, &m->profile, err);
    if (!status)
        profile_tell_remarks(options, &m->profile);
    free(text);
    json_decref(composition);
    overlays_release(&overlays);
    return status;
}

static enum ou_status number_ports(struct making *m, struct ou_error *err)
{
    long base;
    enum ou_status status =
        read_number(m->options, TOPOLOGY_MAKE_PORT, 1, 65535, BASE_PORT, &base, err);

    if (!status && (size_t)base + m->topology.count > 65536)
        status = ou_fail(err, OU_USAGE, "--base-port: there are no %zu ports from %ld on",
                         m->topology.count, base);
    for (size_t i = 0; !status && i < m->topology.count; i++)
        m->sites[i] = (struct site){ .address = "127.0.0.1", .port = (uint16_t)((size_t)base + i) };
    return status;
}

static enum ou_status find_node(const struct making *m, const char *name, size_t *ret,
                                struct ou_error *err)
{
    for (*ret = 0; *ret < m->topology.count; (*ret)++)
        if (strcmp(m->topology.nodes[*ret].name, name) == 0)
            return OU_OK;
    return ou_fail(err, OU_USAGE, "--node: no node is called '%s'; they are %s to %s", name,
                   m->topology.nodes[0].name, m->topology.nodes[m->topology.count - 1].name);
}

/* ---- files ---- */

static enum topology_form form_of(const struct parsed_options *options)
{
    const char *form = option_value(options, TOPOLOGY_MAKE_FORM);

    if (!form || strcmp(form, "p2p") == 0)
        return TOPOLOGY_P2P;
    return strcmp(form, "legacy") == 0 ? TOPOLOGY_LEGACY : TOPOLOGY_P2P_DELAYED;
}

static enum ou_status document_of(const struct making *m, json_t **ret, struct ou_error *err)
{
    const char *name = option_value(m->options, TOPOLOGY_MAKE_NODE);
    size_t node = 0;
    enum ou_status status = name ? find_node(m, name, &node, err) : OU_OK;

    if (status)
        return status;
    if (option_given(m->options, TOPOLOGY_MAKE_SPECS))
        *ret = node_specs_document(&m->profile, m->sites);
    else if (name)
        *ret = topology_file_of(&m->topology, node, m->sites, form_of(m->options));
    else
        *ret = topology_document(&m->topology);
    return *ret ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for the topology");
}

static enum ou_status check_options(const struct parsed_options *options, struct ou_error *err)
{
    bool node = option_given(options, TOPOLOGY_MAKE_NODE);

    if (option_given(options, TOPOLOGY_MAKE_FORM) && !node)
        return ou_fail(err, OU_USAGE, "--format is of the file of one node: --node tells which");
    if (option_given(options, TOPOLOGY_MAKE_SPECS) && node)
        return ou_fail(err, OU_USAGE, "--specs is of all nodes, --node of one");
    return OU_OK;
}

static enum ou_status make(struct making *m, struct buffer *out, struct ou_error *err)
{
    json_t *document = NULL;
    enum ou_status status = check_options(m->options, err);

    if (!status)
        status = load_profile(m, err);
    if (!status)
        status = topology_of_profile(&m->profile, &m->memory, &m->topology, err);
    if (!status && m->topology.count == 0)
        status = ou_fail(err, OU_USAGE, "profile %s has no nodes", m->profile.name);
    if (!status)
        status = number_ports(m, err);
    if (!status)
        status = document_of(m, &document, err);
    if (!status) {
        json_tree_append(out, document);
        buffer_char(out, '\n');
    }
    json_decref(document);
    return status;
}

enum exit_code cmd_topology_make(const struct parsed_options *options)
{
    struct making m = { .options = options };
    struct ou_error err = { 0 };
    enum ou_status status;
    enum exit_code code;
    struct buffer out;

    arena_init(&m.memory, allocator_libc(), MEMORY_BYTES_MAX);
    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    status = make(&m, &out, &err);
    code = status ? profile_command_failed(options, status, &err)
                  : topology_put(options, &out, option_value(options, TOPOLOGY_MAKE_OUT));
    buffer_release(&out);
    profile_release(&m.profile);
    arena_release(&m.memory);
    return code;
}
