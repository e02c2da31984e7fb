#include "genesis/dataset.h"

#include <limits.h>
#include <stdlib.h>

#include "genesis/halves.h"
#include "json/tree.h"
#include "profile/check.h"

/* The least deposit of a DRep, whatever the parameter says. */
#define DREP_DEPOSIT_MIN 1000000
#define NAME_DIGITS 12

/* ---- what it depends on ---- */

static uint64_t drep_deposit(const struct profile *p)
{
    const json_t *genesis = json_object_get(p->document, "genesis");
    const json_int_t deposit =
        json_integer_value(json_object_get(json_object_get(genesis, "conway"), "dRepDeposit"));

    return deposit > DREP_DEPOSIT_MIN ? (uint64_t)deposit : DREP_DEPOSIT_MIN;
}

/* What an entry gets of what all get, nine tenths of what was given for it. */
static uint64_t coin_of_each(uint64_t given, uint64_t count)
{
    return count ? genesis_share(given) / count : 0;
}

static void count_entries(const struct profile *p, struct genesis_dataset *ret)
{
    ret->pools = p->pools;
    ret->delegates = p->bft_hosts;
    ret->utxo_keys = p->utxo_keys ? p->utxo_keys : 1;
    ret->delegators = p->pools ? p->delegators : 0;
    ret->stuffed = p->stuffed_utxo;
    ret->dreps = p->dreps;
}

static void share_out(const struct profile *p, struct genesis_dataset *ret)
{
    ret->supply = profile_supply(p);
    ret->delegated = ret->supply - p->funds_balance;
    ret->utxo_key_coin = coin_of_each(p->funds_balance, ret->utxo_keys);
    ret->delegator_coin = coin_of_each(ret->delegated, ret->delegators);
    ret->stuffed_coin = ret->stuffed ? profile_stuffed_value(p) : 0;
    ret->drep_deposit = ret->dreps ? drep_deposit(p) : 0;
}

/* ---- its name ---- */

/* Not to be guessed back, and another one for each seed. */
static void hash_of_seed(const uint8_t *seed, char ret[2 * HASH_BYTES + 1])
{
    uint8_t hash[HASH_BYTES];

    ret[0] = '\0';
    if (!seed)
        return;
    hash256_pair(bytes_of_span(span_of("ouroscope genesis seed")), (struct bytes){ seed, 32 },
                 hash);
    hash_text(hash, ret);
}

static json_t *name_input(const struct genesis_dataset *s, const char *seed, bool cardano_cli)
{
    return json_pack("{s:i, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
                     "layout", GENESIS_DATASET_LAYOUT, "maker",
                     cardano_cli ? "cardano-cli" : "ouroscope", "seed", seed, "pools",
                     (json_int_t)s->pools, "delegates", (json_int_t)s->delegates, "utxo_keys",
                     (json_int_t)s->utxo_keys, "delegators", (json_int_t)s->delegators, "stuffed",
                     (json_int_t)s->stuffed, "dreps", (json_int_t)s->dreps, "supply",
                     (json_int_t)s->supply, "utxo_key_coin", (json_int_t)s->utxo_key_coin,
                     "delegator_coin", (json_int_t)s->delegator_coin, "stuffed_coin",
                     (json_int_t)s->stuffed_coin, "drep_deposit", (json_int_t)s->drep_deposit);
}

/* 1000000 and "D" become "1000kD", 6 and "D" "6D". */
static void append_count(struct buffer *out, uint64_t count, const char *what)
{
    const bool thousands = count >= 1000;

    buffer_printf(out, "-%llu%s%s", (unsigned long long)(thousands ? count / 1000 : count),
                  thousands ? "k" : "", what);
}

static void append_name(struct buffer *out, const struct genesis_dataset *s, const char *input)
{
    uint8_t hash[HASH_BYTES];
    char digits[2 * HASH_BYTES + 1];

    hash256(bytes_of_span(span_of(input)), hash);
    hash_text(hash, digits);
    buffer_printf(out, "k%u", s->pools);
    append_count(out, s->delegators, "D");
    if (s->dreps)
        append_count(out, s->dreps, "Dr");
    append_count(out, s->stuffed, "U");
    buffer_printf(out, "-%.*s", NAME_DIGITS, digits);
}

static enum ou_status set_name(struct genesis_dataset *s, const char *seed, bool cardano_cli,
                               struct ou_error *err)
{
    json_t *input = name_input(s, seed, cardano_cli);
    char *text = input ? json_dumps(input, JSON_SORT_KEYS | JSON_COMPACT) : NULL;
    struct buffer name;
    enum ou_status status = OU_NO_MEMORY;

    buffer_init(&name, allocator_libc(), sizeof s->name - 1);
    if (text) {
        append_name(&name, s, text);
        status = buffer_status(&name);
    }
    if (!status)
        memcpy(s->name, buffer_string(&name), name.len + 1);
    buffer_release(&name);
    free(text);
    json_decref(input);
    return status ? ou_fail(err, status, "the name of a data set: %s", ou_status_name(status))
                  : OU_OK;
}

enum ou_status genesis_dataset_of(const struct profile *p, const uint8_t *seed, bool cardano_cli,
                                  struct genesis_dataset *ret, struct ou_error *err)
{
    char seed_text[2 * HASH_BYTES + 1];

    *ret = (struct genesis_dataset){ 0 };
    count_entries(p, ret);
    share_out(p, ret);
    hash_of_seed(seed, seed_text);
    return set_name(ret, seed_text, cardano_cli, err);
}

enum ou_status genesis_dataset_name(const struct profile *p, char ret[GENESIS_DATASET_NAME_ROOM],
                                    struct ou_error *err)
{
    struct genesis_dataset set;
    enum ou_status status = genesis_dataset_of(p, NULL, false, &set, err);

    if (!status)
        memcpy(ret, set.name, sizeof set.name);
    return status;
}

uint64_t genesis_dataset_entries(const struct genesis_dataset *s)
{
    /* Each delegator has funds, a pool, and a DRep where there are any. */
    return s->delegates + s->utxo_keys + s->stuffed + s->pools + s->dreps +
           s->delegators * (s->dreps ? 3 : 2);
}

/* ---- making it ---- */

static enum ou_status write_producers(struct genesis_making *m, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (uint32_t i = 0; !status && i < m->set->pools; i++)
        status = genesis_write_pool(m->directory, m->seed, i, &m->pools[i], err);
    for (uint32_t i = 0; !status && i < m->set->delegates; i++)
        status = genesis_write_delegate(m->directory, m->seed, i, &m->delegates[i], err);
    return status;
}

static enum ou_status write_half(struct genesis_making *m, const char *name, genesis_half_fn *half,
                                 struct genesis_digest *ret, struct ou_error *err)
{
    char path[PATH_MAX];
    struct genesis_stream s;
    enum ou_status status = genesis_path(m->directory, name, path, err);

    if (status)
        return status;
    genesis_stream_open(&s, path, m->progress, err);
    if (!s.status)
        half(&s, m);
    return genesis_stream_close(&s, ret);
}

static enum ou_status write_all(struct genesis_making *m, struct ou_error *err)
{
    struct genesis_record record = { 0 };
    enum ou_status status = write_producers(m, err);

    if (!status)
        status = write_half(m, "shelley.half", genesis_shelley_half, &record.shelley, err);
    if (!status)
        status = write_half(m, "conway.half", genesis_conway_half, &record.conway, err);
    memcpy(record.name, m->set->name, sizeof record.name);
    return status ? status : genesis_record_write(m->directory, &record, err);
}

enum ou_status genesis_dataset_make(const struct genesis_dataset *set, const uint8_t seed[32],
                                    const char *directory, struct genesis_progress *progress,
                                    struct ou_error *err)
{
    /* One more of each, for sets without any. */
    struct genesis_making m = {
        .set = set,
        .directory = directory,
        .seed = seed,
        .progress = progress,
        .delegates = calloc((size_t)set->delegates + 1, sizeof *m.delegates),
        .pools = calloc((size_t)set->pools + 1, sizeof *m.pools),
        .stakes = calloc((size_t)set->pools + 1, sizeof *m.stakes),
        .dreps = calloc((size_t)set->pools + 1, sizeof *m.dreps),
    };
    enum ou_status status = OU_NO_MEMORY;

    progress->all = genesis_dataset_entries(set);
    if (m.delegates && m.pools && m.stakes && m.dreps)
        status = write_all(&m, err);
    else
        ou_fail(err, OU_NO_MEMORY, "no memory for %u pools", set->pools);
    free(m.delegates);
    free(m.pools);
    free(m.stakes);
    free(m.dreps);
    return status;
}
