/* ledger-rate: how many transactions a second the ledger takes, and what goes with it.
 *
 *   ledger-rate [-t TXS] [-f FUNDS] [-r ROUNDS] CASE...
 *
 *   build         transactions are made and signed
 *   read          their bytes are read
 *   check         they happen in a view, with signatures, as a mempool first meets them
 *   trust         the same without looking at signatures
 *   apply         blocks of 100 are applied, with signatures
 *   apply-trust   the same without, as for blocks that the mempool has seen
 *   undo          and taken back
 *   sync          a mempool of them follows a new tip
 *   write, load   a snapshot of the ledger; counted in outputs
 *
 * Each transaction spends two outputs of one key and makes two: 1 signature, some 450 bytes. FUNDS
 * outputs more are in the ledger, so that its map is as large as a cluster's.
 * A line for each case: ledger-rate, case, count, median, least and most per second over ROUNDS. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/time.h"
#include "node/mempool.h"

enum { BLOCK_TXS = 100, ROUNDS_MAX = 100, TX_INPUTS = 2, TX_OUTPUTS = 2 };
enum { COIN = 10000000, FEE = 300000, SLOT = 10 };
enum { BUILT_MAX = 1 << 30 };

static const uint8_t seed[1][32] = { { 7 } };

struct rate {
    size_t tx_count, fund_count, rounds;
    struct genesis_ledger genesis;
    struct ledger *ledger;
    struct ledger_view *view;
    struct buffer built; /* all transactions in a row */
    size_t *ends;        /* of each in it */
    struct tx *txs;      /* read */
    struct buffer *bodies;
    struct block *blocks;
    size_t block_count;
};

static void fail(const char *what)
{
    fprintf(stderr, "ledger-rate: %s\n", what);
    exit(1);
}

static void must(enum ou_status status, const struct ou_error *err)
{
    if (status)
        fail(err->text);
}

static void *room_for(size_t count, size_t bytes)
{
    void *room = calloc(count ? count : 1, bytes);

    if (!room)
        fail("no memory");
    return room;
}

/* --- Making -------------------------------------------------------------------------- */

/* Fund i: the first ones belong to the key, each at an address of its own by its stake part. */
static void make_fund(struct rate *r, const uint8_t key[32], size_t i)
{
    struct genesis_fund *fund = &r->genesis.funds[i];
    uint8_t stake_key[32] = { 0 };

    memcpy(stake_key, &i, sizeof i);
    fund->coin = COIN;
    fund->address_bytes =
        (uint8_t)(i < r->tx_count * TX_INPUTS ? address_base(0, key, stake_key, fund->address)
                                              : address_enterprise(0, stake_key, fund->address));
}

static void make_genesis(struct rate *r, const uint8_t key[32])
{
    r->genesis = (struct genesis_ledger){
        .shelley = { .security_param = 1000000,
                     .epoch_slots = 1000,
                     .max_tx_bytes = 16384,
                     .clock = { { { .slot_ns = NS_PER_SECOND, .epoch_slots = 1000 } }, 1 } },
        .fees = { 44, 155381, 4310, 0.0577, 0.0000721 },
        .max_lovelace = INT64_MAX,
        .fund_count = r->tx_count * TX_INPUTS + r->fund_count,
    };
    r->genesis.funds = room_for(r->genesis.fund_count, sizeof *r->genesis.funds);
    for (size_t i = 0; i < r->genesis.fund_count; i++)
        make_fund(r, key, i);
}

static void build_all(struct rate *r)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES], id[HASH_BYTES];
    uint8_t address[ADDRESS_MAX_BYTES];
    struct ou_error err = { { 0 } };

    crypto_sign_seed_keypair(key, secret, seed[0]);
    const struct tx_build_output output = { address, address_enterprise(0, key, address),
                                            COIN - FEE / TX_OUTPUTS };
    const struct tx_build_output outputs[TX_OUTPUTS] = { output, output };

    buffer_clear(&r->built);
    for (size_t i = 0; i < r->tx_count; i++) {
        struct tx_input inputs[TX_INPUTS] = { { .index = 0 } };

        for (size_t n = 0; n < TX_INPUTS; n++) {
            const struct genesis_fund *fund = &r->genesis.funds[TX_INPUTS * i + n];

            hash256((struct bytes){ fund->address, fund->address_bytes }, inputs[n].id);
        }
        must(tx_build(&(struct tx_build){ .inputs = inputs,
                                          .input_count = TX_INPUTS,
                                          .outputs = outputs,
                                          .output_count = TX_OUTPUTS,
                                          .fee = FEE,
                                          .signing_seeds = seed,
                                          .signing_count = 1 },
                      &r->built, id, &err),
             &err);
        r->ends[i] = r->built.len;
    }
}

static struct bytes tx_bytes(const struct rate *r, size_t i)
{
    size_t start = i > 0 ? r->ends[i - 1] : 0;

    return (struct bytes){ (const uint8_t *)r->built.at + start, r->ends[i] - start };
}

static void read_all(struct rate *r)
{
    const char *why = NULL;

    for (size_t i = 0; i < r->tx_count; i++)
        if (tx_read(tx_bytes(r, i), &r->txs[i], &why) != WIRE_OK)
            fail(why);
}

static void make_block(struct rate *r, size_t number)
{
    size_t first = number * BLOCK_TXS, count = r->tx_count - first;
    struct buffer *body = &r->bodies[number];
    struct bytes txs[BLOCK_TXS];
    struct ou_error err = { { 0 } };
    uint8_t hash[HASH_BYTES];
    uint32_t body_bytes;
    struct cbor c;

    count = count < BLOCK_TXS ? count : BLOCK_TXS;
    for (size_t i = 0; i < count; i++)
        txs[i] = tx_bytes(r, first + i);
    buffer_init(body, allocator_libc(), BUILT_MAX);
    must(block_body_write(body, txs, count, hash, &body_bytes, &err), &err);
    r->blocks[number] = (struct block){ .header = { .slot = SLOT }, .tx_count = (uint32_t)count };
    c = cbor_open(bytes_of(body));
    for (int i = 0; i < BLOCK_SEGMENTS; i++)
        r->blocks[number].segments[i] = cbor_skip(&c);
}

static void prepare(struct rate *r)
{
    uint8_t key[crypto_sign_PUBLICKEYBYTES], secret[crypto_sign_SECRETKEYBYTES];
    struct ou_error err = { { 0 } };

    crypto_sign_seed_keypair(key, secret, seed[0]);
    make_genesis(r, key);
    must(ledger_create(&r->genesis, &r->ledger, &err), &err);
    must(ledger_view_create(r->ledger, &r->view, &err), &err);
    buffer_init(&r->built, allocator_libc(), BUILT_MAX);
    r->ends = room_for(r->tx_count, sizeof *r->ends);
    r->txs = room_for(r->tx_count, sizeof *r->txs);
    r->block_count = (r->tx_count + BLOCK_TXS - 1) / BLOCK_TXS;
    r->bodies = room_for(r->block_count, sizeof *r->bodies);
    r->blocks = room_for(r->block_count, sizeof *r->blocks);
    build_all(r);
    read_all(r);
    for (size_t i = 0; i < r->block_count; i++)
        make_block(r, i);
}

static void release(struct rate *r)
{
    for (size_t i = 0; i < r->block_count; i++)
        buffer_release(&r->bodies[i]);
    free(r->bodies);
    free(r->blocks);
    free(r->txs);
    free(r->ends);
    buffer_release(&r->built);
    ledger_view_free(r->view);
    ledger_free(r->ledger);
    free(r->genesis.funds);
}

/* --- Cases: each does its work once and returns when it began, having prepared before ----------- */

static int64_t run_build(struct rate *r)
{
    int64_t start_ns = time_monotonic_ns();

    build_all(r);
    return start_ns;
}

static int64_t run_read(struct rate *r)
{
    int64_t start_ns = time_monotonic_ns();

    read_all(r);
    return start_ns;
}

static int64_t view_all(struct rate *r, enum ledger_trust trust)
{
    struct ou_error err = { { 0 } };
    int64_t start_ns;

    ledger_view_reset(r->view);
    start_ns = time_monotonic_ns();
    for (size_t i = 0; i < r->tx_count; i++)
        must(ledger_view_add(r->view, &r->txs[i], SLOT, trust, NULL, NULL, &err), &err);
    return start_ns;
}

static int64_t run_check(struct rate *r)
{
    return view_all(r, LEDGER_CHECK_ALL);
}

static int64_t run_trust(struct rate *r)
{
    return view_all(r, LEDGER_TRUST_SIGNATURES);
}

static void undo_all(struct rate *r)
{
    struct ou_error err = { { 0 } };

    while (ledger_undo_depth(r->ledger) > 0)
        must(ledger_undo(r->ledger, &err), &err);
}

static int64_t apply_all(struct rate *r, enum ledger_trust trust)
{
    struct ou_error err = { { 0 } };
    int64_t start_ns;

    undo_all(r);
    start_ns = time_monotonic_ns();
    for (size_t i = 0; i < r->block_count; i++)
        must(ledger_apply(r->ledger, &r->blocks[i], trust, NULL, NULL, &err), &err);
    return start_ns;
}

static int64_t run_apply(struct rate *r)
{
    return apply_all(r, LEDGER_CHECK_ALL);
}

static int64_t run_apply_trust(struct rate *r)
{
    return apply_all(r, LEDGER_TRUST_SIGNATURES);
}

static int64_t run_undo(struct rate *r)
{
    int64_t start_ns;

    (void)apply_all(r, LEDGER_TRUST_SIGNATURES);
    start_ns = time_monotonic_ns();
    undo_all(r);
    return start_ns;
}

static int64_t run_sync(struct rate *r)
{
    static struct mempool *m; /* filled once, left to the end of the program */
    struct ou_error err = { { 0 } };
    int64_t start_ns;

    undo_all(r);
    if (!m) {
        const struct mempool_options options = { .ledger = r->ledger,
                                                 .capacity_bytes = UINT64_MAX / 2,
                                                 .max_tx_bytes = 16384 };

        must(mempool_create(&options, &m, &err), &err);
        for (size_t i = 0; i < r->tx_count; i++)
            if (mempool_add(m, tx_bytes(r, i), SLOT, &err) != MEMPOOL_ADDED)
                fail(err.text);
    }
    start_ns = time_monotonic_ns();
    mempool_sync(m, SLOT);
    if (mempool_count(m) != r->tx_count)
        fail("the mempool lost transactions");
    return start_ns;
}

static int64_t run_write(struct rate *r)
{
    struct buffer snapshot;
    int64_t start_ns;

    undo_all(r);
    buffer_init(&snapshot, allocator_libc(), BUILT_MAX);
    start_ns = time_monotonic_ns();
    ledger_snapshot_write(r->ledger, &snapshot);
    if (buffer_status(&snapshot))
        fail("no room for a snapshot");
    buffer_release(&snapshot);
    return start_ns;
}

static int64_t run_load(struct rate *r)
{
    struct ou_error err = { { 0 } };
    struct buffer snapshot;
    struct ledger *again;
    int64_t start_ns;

    undo_all(r);
    buffer_init(&snapshot, allocator_libc(), BUILT_MAX);
    ledger_snapshot_write(r->ledger, &snapshot);
    start_ns = time_monotonic_ns();
    must(ledger_snapshot_read(bytes_of(&snapshot), &r->genesis, &again, &err), &err);
    ledger_free(again);
    buffer_release(&snapshot);
    return start_ns;
}

static const struct rate_case {
    const char *name;
    int64_t (*run)(struct rate *);
    bool counts_outputs;
} cases[] = {
    { "build", run_build, false }, { "read", run_read, false },
    { "check", run_check, false }, { "trust", run_trust, false },
    { "apply", run_apply, false }, { "apply-trust", run_apply_trust, false },
    { "undo", run_undo, false },   { "sync", run_sync, false },
    { "write", run_write, true },  { "load", run_load, true },
};

/* --- Figures ------------------------------------------------------------------------- */

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static void report(struct rate *r, const struct rate_case *c)
{
    size_t count = c->counts_outputs ? r->genesis.fund_count : r->tx_count;
    double rates[ROUNDS_MAX];

    (void)c->run(r); /* to warm up */
    for (size_t i = 0; i < r->rounds; i++) {
        int64_t start_ns = c->run(r);

        rates[i] =
            (double)count * (double)NS_PER_SECOND / (double)(time_monotonic_ns() - start_ns + 1);
    }
    qsort(rates, r->rounds, sizeof *rates, compare_doubles);
    printf("ledger-rate\t%s\t%zu\t%.0f\t%.0f\t%.0f\n", c->name, count, rates[r->rounds / 2],
           rates[0], rates[r->rounds - 1]);
    fflush(stdout);
}

static const struct rate_case *case_named(const char *name)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (strcmp(cases[i].name, name) == 0)
            return &cases[i];
    return NULL;
}

static size_t number(const char *text, size_t least, size_t most)
{
    char *end;
    unsigned long long value = strtoull(text, &end, 10);

    if (*end || value < least || value > most) {
        fprintf(stderr, "ledger-rate: %s: a number from %zu to %zu\n", text, least, most);
        exit(2);
    }
    return (size_t)value;
}

int main(int argc, char **argv)
{
    struct rate r = { .tx_count = 2000, .fund_count = 100000, .rounds = 5 };
    struct ou_error err = { { 0 } };
    int option;

    while ((option = getopt(argc, argv, "t:f:r:")) != -1)
        switch (option) {
        case 't': r.tx_count = number(optarg, 1, MEMPOOL_TXS_MAX); break;
        case 'f': r.fund_count = number(optarg, 0, GENESIS_FUNDS_MAX); break;
        case 'r': r.rounds = number(optarg, 1, ROUNDS_MAX); break;
        default: return 2;
        }
    for (int i = optind; i < argc; i++)
        if (!case_named(argv[i])) {
            fprintf(stderr, "ledger-rate: %s: no such case\n", argv[i]);
            return 2;
        }
    must(chain_crypto_start(&err), &err);
    prepare(&r);
    for (int i = optind; i < argc; i++)
        report(&r, case_named(argv[i]));
    release(&r);
    return 0;
}
