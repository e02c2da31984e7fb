/* Where nodes are, and where to forward to. */
#include <string.h>

#include "collect/config_inside.h"

/* --- network ------------------------------------------------------------------------------ */

static bool ends_with(const char *text, const char *end)
{
    const size_t len = strlen(text), end_len = strlen(end);

    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* A path that most likely is meant as something else. */
static bool is_odd_path(const char *text)
{
    const char *colon = strchr(text, ':');

    if (!strchr(text, '/'))
        return !ends_with(text, ".sock") && !ends_with(text, ".socket");
    return *text == '~' || (colon && colon[1] == '/');
}

/* An empty address is passed over: whether one is left is looked at in the end, as cardano-tracer does it. */
static void read_address(struct settings *s, const struct config_node *value,
                         struct collector_network *ret)
{
    const char *text = settings_text_of(s, value, "contents");
    struct ou_error why = { "" };

    if (!text)
        return;
    if (!*text) {
        if (!ret->listen)
            settings_warn(s, value, "an empty address in ConnectTo is passed over");
        return;
    }
    if (endpoint_parse(text, &ret->at[ret->count], &why))
        settings_refuse(s, value, "%.600s", why.text);
    else if (ret->at[ret->count++].is_path && is_odd_path(text))
        settings_warn(s, value,
                      "\"%.120s\" is taken as the path of a socket; a host needs a port, as in "
                      "localhost:3000%s%.120s",
                      text, strchr(text, '/') ? "" : ", and for a path write ./",
                      strchr(text, '/') ? "" : text);
}

static void read_addresses(struct settings *s, const struct config_node *list,
                           struct collector_network *ret)
{
    if (!settings_is_list(s, list, "contents"))
        return;
    if (list->count > COLLECTOR_ENDPOINTS_MAX) {
        settings_refuse(s, list, "more than %d addresses in ConnectTo", COLLECTOR_ENDPOINTS_MAX);
        return;
    }
    ret->at = settings_take(s, list->count, sizeof(*ret->at));
    for (const struct config_item *i = list->items; i && !s->status; i = i->next)
        read_address(s, i->value, ret);
}

void config_read_network(struct settings *s, const struct config_node *network,
                         struct collector_network *ret)
{
    static const char *const members[] = { "tag", "contents", NULL };
    static const char *const tags[] = { "AcceptAt", "ConnectTo", NULL };
    const struct config_node *contents;

    if (!settings_is_object(s, network, "network"))
        return;
    settings_expect(s, network, "network", members);
    settings_required(s, network, "tag");
    contents = settings_required(s, network, "contents");
    ret->listen = settings_word(s, network, "tag", tags, 0) == 0;
    if (s->status)
        return;
    if (!ret->listen) {
        read_addresses(s, contents, ret);
        return;
    }
    ret->at = settings_take(s, 1, sizeof(*ret->at));
    if (ret->at)
        read_address(s, contents, ret);
}

/* --- hasForwarding --------------------------------------------------------------------------- */

/* Appends what stands between dots, but not what is empty. */
static void append_parts(struct buffer *dotted, const char *segment)
{
    while (*segment) {
        const size_t len = strcspn(segment, ".");

        if (len && dotted->len)
            buffer_char(dotted, '.');
        buffer_append(dotted, segment, len);
        segment += len + (segment[len] == '.');
    }
}

/* ["Forge", "Loop"] is "Forge.Loop". */
static const char *read_prefix(struct settings *s, const struct config_node *segments)
{
    struct buffer dotted;
    const char *kept = NULL;

    if (!settings_is_list(s, segments, "a name of hasForwarding"))
        return NULL;
    buffer_init(&dotted, allocator_libc(), CONFIG_BYTES_MAX);
    for (const struct config_item *i = segments->items; i && !s->status; i = i->next) {
        const char *segment = settings_text_of(s, i->value, "a segment of a name");

        append_parts(&dotted, segment ? segment : "");
    }
    if (!s->status)
        kept = settings_keep(s, span_of(buffer_string(&dotted)));
    buffer_release(&dotted);
    return kept;
}

static void read_filter(struct settings *s, const struct config_node *list,
                        struct collector_forwarding *ret)
{
    if (config_is_null(list) || !settings_is_list(s, list, "the names of hasForwarding"))
        return;
    ret->filtered = true;
    ret->prefixes = settings_take(s, list->count, sizeof(*ret->prefixes));
    for (const struct config_item *i = list->items; i && !s->status; i = i->next)
        ret->prefixes[ret->prefix_count++] = read_prefix(s, i->value);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* A TraceOptionForwarder. The former two keys count where the new one is absent: the larger of both, each with a
 * default. */
static void read_queue(struct settings *s, const struct config_node *options,
                       struct collector_forwarding *ret)
{
    static const char *const members[] = { "queueSize", "connQueueSize",     "disconnQueueSize",
                                           "verbosity", "maxReconnectDelay", NULL };
    const uint32_t most = 10000000;
    const bool former =
        config_member(options, "connQueueSize") || config_member(options, "disconnQueueSize");
    uint32_t connected, disconnected;

    if (config_is_null(options) || !settings_is_object(s, options, "TraceOptionForwarder"))
        return;
    settings_expect(s, options, "TraceOptionForwarder", members);
    connected = (uint32_t)settings_count(s, options, "connQueueSize", 1, most, 128);
    disconnected = (uint32_t)settings_count(s, options, "disconnQueueSize", 1, most, 192);
    ret->queue_count = (uint32_t)settings_count(s, options, "queueSize", 1, most,
                                                former ? larger(connected, disconnected) : 192);
    settings_word(s, options, "verbosity", config_verbosity_words, 0);
    ret->max_reconnect_s =
        (uint32_t)settings_count(s, options, "maxReconnectDelay", 1, 86400, ret->max_reconnect_s);
}

void config_read_forwarding(struct settings *s, const struct config_node *root,
                            struct collector_forwarding *ret)
{
    const struct config_node *triple = settings_list(s, root, "hasForwarding");
    const struct config_item *i;

    *ret = (struct collector_forwarding){ .queue_count = 192, .max_reconnect_s = 45 };
    if (!triple)
        return;
    if (triple->count != 3) {
        settings_refuse(s, triple,
                        "\"hasForwarding\" must be a list of three: a network, null or a list of "
                        "names, and a TraceOptionForwarder");
        return;
    }
    ret->wanted = true;
    i = triple->items;
    config_read_network(s, i->value, &ret->network);
    read_filter(s, i->next->value, ret);
    read_queue(s, i->next->next->value, ret);
}
