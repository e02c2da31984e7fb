#include "collect/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/time.h"

#define FORGET_NS (86400 * NS_PER_SECOND)

/* --- Names -------------------------------------------------------------------------------- */

static bool is_alphanumeric(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Bytes of letters beyond ASCII count as letters: names are UTF-8. */
static bool is_wordy(char c)
{
    return is_alphanumeric(c) || (unsigned char)c >= 0x80;
}

static bool is_dropped(char c)
{
    return c == '?' || c == '*' || c == 0x7f ||
           ((unsigned char)c < ' ' && !strchr("\t\n\v\f\r", c));
}

/* The two bytes of a control character beyond ASCII: U+0080 to U+009F. */
static bool is_late_control(const char *text)
{
    return (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0;
}

static bool is_replaced(char c)
{
    return strchr("\"':@ \t\n\v\f\r", c) != NULL;
}

/* How many of the first bytes end with a whole character. */
static size_t whole_characters(const char *text, size_t len)
{
    while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
        len--;
    return len;
}

void node_clean_name(const char *text, char ret[NODE_NAME_ROOM])
{
    char clean[NODE_NAME_ROOM] = "";
    size_t len = 0, first = 0;

    for (; *text && len < sizeof(clean) - 1; text++)
        if (is_late_control(text))
            text++;
        else if (!is_dropped(*text))
            clean[len++] = is_replaced(*text) ? '_' : *text;
    clean[len] = *text; /* not the end: where it is cut */
    len = whole_characters(clean, len);
    while (first < len && !is_wordy(clean[first]))
        first++;
    while (len > first && !is_wordy(clean[len - 1]))
        len--;
    memcpy(ret, clean + first, len - first);
    ret[len - first] = '\0';
}

void node_slug(const char *name, char ret[NODE_NAME_ROOM])
{
    size_t len = 0;

    for (; *name && len < NODE_NAME_ROOM - 1; name++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20) : *name;

        if (is_alphanumeric(c) || c == '-')
            ret[len++] = c;
    }
    ret[len] = '\0';
}

void node_folder(const char *name, char ret[NODE_NAME_ROOM])
{
    const char *slash = strrchr(name, '/');
    const char *last = slash ? slash + 1 : name;

    if (*last && strcmp(last, ".") != 0 && strcmp(last, "..") != 0)
        snprintf(ret, NODE_NAME_ROOM, "%s", last);
    else
        node_slug(name, ret);
}

/* --- Registry ------------------------------------------------------------------------------- */

static void node_free(struct collector_node *node)
{
    metric_store_free(node->metrics);
    free(node->lines);
    free(node->info);
    free(node->startup);
    free(node);
}

void nodes_release(struct collector_nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++)
        node_free(nodes->at[i]);
    free(nodes->at);
    *nodes = (struct collector_nodes){ .at = NULL };
}

struct collector_node *nodes_by_slug(const struct collector_nodes *nodes, struct span slug)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (span_is(slug, nodes->at[i]->slug))
            return nodes->at[i];
    return NULL;
}

static struct collector_node *by_name(const struct collector_nodes *nodes, const char *name)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (strcmp(nodes->at[i]->name, name) == 0)
            return nodes->at[i];
    return NULL;
}

/* Two nodes must not write to one folder. */
static struct collector_node *by_folder(const struct collector_nodes *nodes, const char *folder)
{
    for (size_t i = 0; i < nodes->count; i++)
        if (strcmp(nodes->at[i]->folder, folder) == 0)
            return nodes->at[i];
    return NULL;
}

static void forget(struct collector_nodes *nodes, size_t i)
{
    node_free(nodes->at[i]);
    nodes->count--;
    memmove(nodes->at + i, nodes->at + i + 1, (nodes->count - i) * sizeof(struct collector_node *));
}

static bool may_be_forgotten(const struct collector_node *node)
{
    return !node->is_connected && !node->desk;
}

static void forget_old(struct collector_nodes *nodes, int64_t now_ns)
{
    for (size_t i = nodes->count; i-- > 0;)
        if (may_be_forgotten(nodes->at[i]) && now_ns - nodes->at[i]->disconnected_ns > FORGET_NS)
            forget(nodes, i);
}

/* Room for one more: the one that has been gone the longest makes place. */
static bool make_place(struct collector_nodes *nodes, int64_t now_ns)
{
    size_t oldest = SIZE_MAX;

    forget_old(nodes, now_ns);
    if (nodes->count < NODES_MAX)
        return array_reserve(allocator_libc(), (void **)&nodes->at, &nodes->cap, nodes->count + 1,
                             sizeof(struct collector_node *), NODES_MAX);
    for (size_t i = 0; i < nodes->count; i++)
        if (may_be_forgotten(nodes->at[i]) &&
            (oldest == SIZE_MAX ||
             nodes->at[i]->disconnected_ns < nodes->at[oldest]->disconnected_ns))
            oldest = i;
    if (oldest != SIZE_MAX)
        forget(nodes, oldest);
    return oldest != SIZE_MAX;
}

/* --- Coming and going --------------------------------------------------------------------------- */

/* A slug or folder that is empty, or another node's, gets this node's number behind it; or the next
 * one that is free, since a node may have given itself such a name. */
static void make_slug(struct collector_node *node, const struct collector_nodes *nodes)
{
    char base[NODE_NAME_ROOM];

    node_slug(node->name, base);
    snprintf(node->slug, sizeof(node->slug), "%s", base);
    for (uint32_t n = node->number; !*node->slug || nodes_by_slug(nodes, span_of(node->slug)); n++)
        snprintf(node->slug, sizeof(node->slug), "%.200s-%u", *base ? base : "node", n);
}

static void make_folder(struct collector_node *node, const struct collector_nodes *nodes)
{
    char base[NODE_NAME_ROOM];

    node_folder(node->name, base);
    snprintf(node->folder, sizeof(node->folder), "%s", *base ? base : node->slug);
    for (uint32_t n = node->number; by_folder(nodes, node->folder); n++)
        snprintf(node->folder, sizeof(node->folder), "%.200s-%u", *base ? base : node->slug, n);
}

static struct collector_node *node_new(struct collector_nodes *nodes, const char *name,
                                       int64_t now_ns)
{
    struct collector_node *node = make_place(nodes, now_ns) ? calloc(1, sizeof(*node)) : NULL;

    if (!node)
        return NULL;
    node->metrics = metric_store_new();
    node->lines = calloc(NODE_LAST_LINES, sizeof(*node->lines));
    if (!node->metrics || !node->lines) {
        node_free(node);
        return NULL;
    }
    node->number = ++nodes->last_number;
    snprintf(node->name, sizeof(node->name), "%s", name);
    make_slug(node, nodes);
    make_folder(node, nodes);
    nodes->at[nodes->count++] = node;
    return node;
}

/* An id that is connected under another node's name: with a number it is nobody's. */
static void free_name(const struct collector_nodes *nodes, const char *id, char ret[NODE_NAME_ROOM])
{
    snprintf(ret, NODE_NAME_ROOM, "%s", id);
    for (uint32_t n = nodes->last_number + 1;; n++) {
        const struct collector_node *other = by_name(nodes, ret);

        if (!other || !other->is_connected)
            return;
        snprintf(ret, NODE_NAME_ROOM, "%.200s-%u", id, n);
    }
}

/* A node may have started again, and counts from 0 then. */
static bool renew_metrics(struct collector_node *node)
{
    struct metric_store *metrics = metric_store_new();

    if (!metrics)
        return false;
    metric_store_free(node->metrics);
    node->metrics = metrics;
    return true;
}

struct collector_node *nodes_enter(struct collector_nodes *nodes, const char *id, const char *name,
                                   int64_t now_ns)
{
    struct collector_node *node = name && *name ? by_name(nodes, name) : NULL;
    char wanted[NODE_NAME_ROOM];

    if (!name || !*name || (node && node->is_connected))
        free_name(nodes, id, wanted);
    else
        snprintf(wanted, sizeof(wanted), "%s", name);
    node = by_name(nodes, wanted);
    if (!node)
        node = node_new(nodes, wanted, now_ns);
    if (!node)
        return NULL;
    if (node->counts.connections > 0 && !renew_metrics(node))
        return NULL;
    snprintf(node->id, sizeof(node->id), "%s", id);
    node->is_connected = true;
    node->connected_ns = now_ns;
    node->why_gone[0] = '\0';
    node->counts.connections++;
    return node;
}

void nodes_leave(struct collector_nodes *nodes, struct collector_node *node, const char *why,
                 int64_t now_ns)
{
    (void)nodes;
    node->is_connected = false;
    node->disconnected_ns = now_ns;
    snprintf(node->why_gone, sizeof(node->why_gone), "%.*s",
             (int)whole_characters(why, strnlen(why, sizeof(node->why_gone) - 1)), why);
}
