/* Any text as topology.json. What is accepted keeps to the limits, can be measured and drawn without an impossible
 * number, and is the same when it is written and read again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "profile/topology_files.h"
#include "profile/topology_picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
    if (!holds)
        abort();
}

static void check_limits(const struct topology *t)
{
    size_t links = 0;

    check(t->count <= TOPOLOGY_NODES_MAX && t->link_count <= TOPOLOGY_REGION_LINKS_MAX);
    for (size_t i = 0; i < t->count; i++) {
        links += t->nodes[i].producer_count;
        check(t->nodes[i].producer_count < t->count && t->nodes[i].name[0] != '\0');
        for (size_t j = 0; j < t->nodes[i].producer_count; j++)
            check(t->nodes[i].producers[j] < t->count && t->nodes[i].producers[j] != i);
    }
    check(links <= TOPOLOGY_LINKS_MAX);
}

static void check_picture(const struct topology *t)
{
    struct topology_graph g;
    struct buffer out;

    check(topology_graph_measure(t, &g, NULL) == OU_OK);
    check(g.nodes + g.observers == t->count && g.links_between <= g.links);
    buffer_init(&out, allocator_libc(), (size_t)64 << 20);
    topology_picture(t, &g, "any", &out);
    check(buffer_status(&out) == OU_OK && !strstr(buffer_string(&out), "\"nan"));
    buffer_release(&out);
}

static void check_again(const struct topology *t)
{
    json_t *document = topology_document(t), *other;
    struct buffer text;
    struct arena memory;
    struct topology again;

    check(document != NULL);
    buffer_init(&text, allocator_libc(), (size_t)64 << 20);
    json_tree_append(&text, document);
    arena_init(&memory, allocator_libc(), (size_t)64 << 20);
    check(topology_parse(span_of(buffer_string(&text)), "again", &memory, &again, NULL) == OU_OK);
    other = topology_document(&again);
    check(json_array_size(json_object_get(document, "coreNodes")) ==
          json_array_size(json_object_get(other, "coreNodes")));
    check(again.count == t->count && again.link_count == t->link_count);
    json_decref(other);
    json_decref(document);
    buffer_release(&text);
    arena_release(&memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena memory;
    struct topology t;
    struct ou_error err = { 0 };

    arena_init(&memory, allocator_libc(), (size_t)64 << 20);
    if (topology_parse((struct span){ (const char *)data, size }, "t.json", &memory, &t, &err) ==
        OU_OK) {
        check_limits(&t);
        check_picture(&t);
        check_again(&t);
    } else {
        check(err.text[0] != '\0');
    }
    arena_release(&memory);
    return 0;
}
