/* ouroscope node: the reference node. */
#include "node/node.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "cmd/tracer_socket.h"

/* A whole number up to `most`; `otherwise` when the option is not given. */
static enum ou_status number_of(const struct parsed_options *options, size_t option, uint64_t most,
                                uint64_t otherwise, uint64_t *ret, struct ou_error *err)
{
    const char *text = option_value(options, option);
    unsigned long long value;
    char *end;

    *ret = otherwise;
    if (!text)
        return OU_OK;
    errno = 0;
    value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || errno || value > most)
        return ou_fail(err, OU_USAGE, "--%s must be a whole number up to %" PRIu64 ", not '%s'",
                       options->command->options[option].name, most, text);
    *ret = value;
    return OU_OK;
}

static enum ou_status check_given(const struct parsed_options *options, struct ou_error *err)
{
    static const size_t needed[] = { NODE_OPTION_CONFIG, NODE_OPTION_TOPOLOGY,
                                     NODE_OPTION_DATABASE };
    const size_t keys = (size_t)option_given(options, NODE_OPTION_KES) +
                        option_given(options, NODE_OPTION_VRF) +
                        option_given(options, NODE_OPTION_CERTIFICATE);

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!option_given(options, needed[i]))
            return ou_fail(err, OU_USAGE, "--%s is needed",
                           options->command->options[needed[i]].name);
    if (keys != 0 && keys != 3)
        return ou_fail(err, OU_USAGE,
                       "who forges needs all of --shelley-kes-key, --shelley-vrf-key and "
                       "--shelley-operational-certificate");
    if (keys != 0 && option_given(options, NODE_OPTION_BULK))
        return ou_fail(err, OU_USAGE,
                       "--bulk-credentials-file has the keys of all pools; the files of one pool "
                       "cannot be given, too");
    return OU_OK;
}

static enum ou_status read_options(const struct parsed_options *options, struct node_options *ret,
                                   struct ou_error *err)
{
    enum ou_status status = check_given(options, err);
    uint64_t port = 0;

    *ret = (struct node_options){
        .config_path = option_value(options, NODE_OPTION_CONFIG),
        .topology_path = option_value(options, NODE_OPTION_TOPOLOGY),
        .database_path = option_value(options, NODE_OPTION_DATABASE),
        .host = option_value(options, NODE_OPTION_HOST),
        .kes_path = option_value(options, NODE_OPTION_KES),
        .vrf_path = option_value(options, NODE_OPTION_VRF),
        .certificate_path = option_value(options, NODE_OPTION_CERTIFICATE),
        .bulk_credentials_path = option_value(options, NODE_OPTION_BULK),
    };
    if (!status)
        status = number_of(options, NODE_OPTION_PORT, UINT16_MAX, 0, &port, err);
    if (!status)
        status = number_of(options, NODE_OPTION_STOP_SLOT, UINT64_MAX - 1, UINT64_MAX,
                           &ret->shutdown_slot, err);
    if (!status)
        status = number_of(options, NODE_OPTION_STOP_BLOCK, UINT64_MAX - 1, UINT64_MAX,
                           &ret->shutdown_block, err);
    if (!status)
        status = tracer_socket_of(options, NODE_OPTION_TRACER, &ret->collector, err);
    ret->port = (uint16_t)port;
    return status;
}

/* One line, for whoever let the system choose the port. */
static void tell_address(void *context, const char *host, uint16_t port)
{
    char line[128];
    int len = snprintf(line, sizeof line, "listening at %s:%u\n", host, (unsigned)port);

    (void)context;
    (void)fd_write_all(STDOUT_FILENO, line, (size_t)len, NULL); /* nobody needs to read it */
}

enum exit_code cmd_node(const struct parsed_options *options)
{
    struct node_options node;
    struct ou_error err = { "" };
    enum ou_status status = read_options(options, &node, &err);

    if (status)
        return say_usage_error(options->command, &err);
    node.listening = tell_address;
    status = node_run(&node, &err);
    if (status)
        say(options->command, err.text);
    return status ? EXIT_FAILED : EXIT_DONE;
}
