#include "trace/node_info.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "json/write.h"
#include "trace/data_points.h"

struct node_info {
    char *name, *protocol, *version, *commit;
    int64_t start_ns, system_start_ns;
};

/* What is not known is empty: who reads the data point wants all its members. */
static char *copy(const char *text)
{
    return strdup(text ? text : "");
}

struct node_info *node_info_new(const struct ou_node_info *info, const char *host, int64_t start_ns)
{
    struct node_info *n = calloc(1, sizeof *n);

    if (!n)
        return NULL;
    n->name = copy(info->name ? info->name : host);
    n->protocol = copy(info->protocol);
    n->version = copy(info->version);
    n->commit = copy(info->commit);
    n->start_ns = start_ns;
    n->system_start_ns = info->system_start_ns ? info->system_start_ns : start_ns;
    if (n->name && n->protocol && n->version && n->commit)
        return n;
    node_info_free(n);
    return NULL;
}

void node_info_free(struct node_info *info)
{
    if (!info)
        return;
    free(info->name);
    free(info->protocol);
    free(info->version);
    free(info->commit);
    free(info);
}

static void text(struct json_writer *w, const char *key, const char *value)
{
    json_key(w, key);
    json_cstring(w, value);
}

static void instant(struct json_writer *w, const char *key, int64_t ns)
{
    json_key(w, key);
    json_instant(w, ns);
}

void node_info_file(const struct node_info *info, const char *name)
{
    struct json_writer w;
    struct buffer out;

    buffer_init(&out, allocator_libc(), DATA_POINT_JSON_MAX);
    json_writer_init(&w, &out, false);
    json_begin_object(&w);
    text(&w, "niName", name ? name : info->name);
    text(&w, "niProtocol", info->protocol);
    text(&w, "niVersion", info->version);
    text(&w, "niCommit", info->commit);
    instant(&w, "niStartTime", info->start_ns);
    instant(&w, "niSystemStartTime", info->system_start_ns);
    json_end(&w);
    if (buffer_status(&out) == OU_OK)
        data_points_own("NodeInfo", buffer_string(&out));
    buffer_release(&out);
}
