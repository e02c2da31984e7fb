/* Three nodes that make a few blocks: node LAYOUT FOLDER. Their logs are FOLDER/node-N.json, in the
 * machine layout or the legacy one; the genesis is that of a chain that has just begun. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <ouroscope/node.h>
#include <ouroscope/trace.h>

#define NODES 3
#define BLOCKS 5
#define BODY_BYTES 4096

static const uint8_t *hash_of(uint64_t block)
{
    static uint8_t hashes[BLOCKS + 1][OU_HASH_BYTES];

    memset(hashes[block], (int)(0xa0 + block), OU_HASH_BYTES);
    return hashes[block];
}

static void start(const char *layout, const char *folder, int node)
{
    struct ou_trace_options options = { .program = "10.5.1:abcde" };
    struct ou_error err = { "" };
    char config[2048], host[32];

    snprintf(host, sizeof(host), "node-%d", node);
    if (strcmp(layout, "legacy") == 0)
        snprintf(config, sizeof(config),
                 "UseTraceDispatcher: false\nminSeverity: Debug\n"
                 "setupScribes: [ { scKind: FileSK, scName: '%s/%s.json', scFormat: ScJson } ]\n",
                 folder, host);
    else
        snprintf(config, sizeof(config),
                 "TraceOptions: { '': { severity: Debug, detail: DMaximum, "
                 "backends: [ 'File MachineFormat %s/%s.json' ] } }\n",
                 folder, host);
    options.config_text = config;
    options.host = host;
    if (ou_trace_start(&options, &err) == OU_OK)
        return;
    fprintf(stderr, "%s\n", err.text);
    exit(90);
}

static void select_chain(uint64_t block, uint64_t slot)
{
    const struct ou_chain_point tip = { slot, hash_of(block) };
    const struct ou_header header = { block, slot, hash_of(block) };
    const struct ou_headers headers = { &header, 1 };

    OU_TRACE(node_added_to_current_chain, &tip, block, 1, "ab", slot, "cd", block - 1, 1, "ab",
             slot - 1, "cd", hash_of(block), hash_of(block - 1), "ab", &headers, "[]", 0.5, 0,
             slot);
}

static void forge(uint64_t block, uint64_t slot)
{
    const struct ou_chain_point tip = { slot - 1, hash_of(block - 1) };

    OU_TRACE(node_start_leadership_check, slot);
    OU_TRACE(node_block_context, slot, &tip, block);
    OU_TRACE(node_ledger_state, slot);
    OU_TRACE(node_ledger_view, slot);
    OU_TRACE(node_is_leader, slot);
    OU_TRACE(node_forged_block, slot, hash_of(block), block, hash_of(block - 1));
    OU_TRACE(node_adopted_block, slot, hash_of(block), BODY_BYTES, NULL);
    select_chain(block, slot);
}

static void receive(uint64_t block, uint64_t slot)
{
    static const struct ou_peer peer = { "127.0.0.1:3001", "127.0.0.1:3002" };

    OU_TRACE(node_start_leadership_check, slot);
    OU_TRACE(node_not_leader, slot);
    OU_TRACE(node_downloaded_header, hash_of(block), block, slot, &peer);
    OU_TRACE(node_send_fetch_request, hash_of(block), 1, 0.01, &peer);
    OU_TRACE(node_completed_block_fetch, hash_of(block), 0.2, BODY_BYTES, &peer);
    select_chain(block, slot);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    for (int node = 0; node < NODES; node++) {
        start(argv[1], argv[2], node);
        for (uint64_t block = 1; block <= BLOCKS; block++)
            (node == 0 ? forge : receive)(block, block);
        ou_trace_stop();
    }
    return 0;
}
