#include "publish/publication_files.h"

#include <sodium.h>
#include <string.h>

#include "study/read_runs.h"

#define SMALL_FILE_MAX ((size_t)4 << 20)

const char publication_analysis[] = "analysis.json", publication_table[] = "results.tsv";

static const struct publication_kind kinds[] = {
    { publication_analysis, "application/json", "analysis/analysis.json", ANALYSIS_FILE_MAX },
    { "genesis-hashes.json", "application/json", "genesis/hashes.json", SMALL_FILE_MAX },
    { "meta.json", "application/json", "meta.json", SMALL_FILE_MAX },
    { "profile.json", "application/json", "profile.json", SMALL_FILE_MAX },
    { publication_table, "text/tab-separated-values", NULL, SMALL_FILE_MAX },
    { "status.json", "application/json", "status.json", SMALL_FILE_MAX },
    { "topology.json", "application/json", "topology.json", SMALL_FILE_MAX },
};

const struct publication_kind *publication_kind_at(size_t i)
{
    return i < sizeof kinds / sizeof *kinds ? &kinds[i] : NULL;
}

const struct publication_kind *publication_kind_find(struct span name)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (span_is(name, kinds[i].name))
            return &kinds[i];
    return NULL;
}

static void add(crypto_hash_sha256_state *hash, struct span bytes)
{
    unsigned char length[8];

    for (size_t i = 0; i < sizeof length; i++)
        length[i] = (unsigned char)((uint64_t)bytes.len >> (8 * i));
    crypto_hash_sha256_update(hash, length, sizeof length);
    crypto_hash_sha256_update(hash, (const unsigned char *)bytes.at, bytes.len);
}

void publication_hash(const struct artifact_record *files, size_t count, char ret[RECORD_HASH_ROOM])
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state hash;

    crypto_hash_sha256_init(&hash);
    for (size_t i = 0; i < count; i++) {
        add(&hash, span_of(files[i].name));
        add(&hash, files[i].bytes);
    }
    crypto_hash_sha256_final(&hash, digest);
    sodium_bin2hex(ret, RECORD_HASH_ROOM, digest, sizeof digest);
}
