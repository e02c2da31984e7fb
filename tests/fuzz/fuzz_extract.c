/* Any bytes as an extract of hosts of mainnet, with the right checksum: it is refused with a message, or merged, concluded and shown. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/extract.h"
#include "logs/checksum.h"
#include "memory_file.h"
#include "report/analysis_json.h"

#define SUM_BYTES (CHECKSUM_HEX_ROOM - 1)
#define REPORT_BYTES_MAX ((size_t)256 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Puts the sum of what stands before it in place of the last bytes. */
static void place_checksum(uint8_t *copy, size_t size)
{
    char hex[CHECKSUM_HEX_ROOM];
    struct checksum *sum = checksum_new();

    MUST(sum);
    checksum_add(sum, copy, size - SUM_BYTES);
    checksum_hex(sum, hex);
    memcpy(copy + size - SUM_BYTES, hex, SUM_BYTES);
    checksum_free(sum);
}

static void merge(const char *path, bool compat)
{
    static struct genesis genesis;
    static struct filter_set filters;
    struct rts_hosts rts = { 0 };
    const struct extract_list list = { &path, 1, "run" };
    struct analysis_request request = { .genesis = &genesis,
                                        .genesis_source = "mainnet",
                                        .rts = &rts,
                                        .filters = &filters,
                                        .compat = compat,
                                        .rule = compat ? QUANTILE_LOCLI : QUANTILE_TYPE7 };
    struct analysis a = { 0 };
    struct ou_error err = { { 0 } };
    struct buffer text;

    MUST(genesis_of_network("mainnet", &genesis, NULL) == OU_OK);
    filter_set_init(&filters, genesis.max_block_body_bytes, compat);
    MUST(filter_add_shipped(&filters, "unitary", NULL) == OU_OK);
    if (analysis_merge(&request, &list, &rts, &a, &err) == OU_OK) {
        buffer_init(&text, allocator_libc(), REPORT_BYTES_MAX);
        report_json(&a, &text);
        buffer_release(&text);
        analysis_release(&a);
    } else {
        MUST(err.text[0]);
    }
    rts_hosts_release(&rts);
    filter_set_release(&filters);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_file file;
    uint8_t *copy;

    if (size < SUM_BYTES + 12)
        return 0;
    if (!file.path[0])
        file = memory_file_new("extract");
    copy = malloc(size);
    MUST(copy);
    memcpy(copy, data, size);
    place_checksum(copy, size);
    memory_file_fill(&file, copy, size);
    free(copy);
    merge(file.path, data[9] == 1); /* the mode stands behind the version */
    return 0;
}
