/* Analyses built by hand for the tests of report/, and the comparison of what
 * comes out with a file.
 *
 * The full sample is a cluster of three hosts with five blocks whose delays are
 * stated below; its statistics follow from them by distribution_of(). The
 * partial one is what an operator has: the log of one relay, no forger. */
#ifndef OU_REPORT_SAMPLE_TEST_H
#define OU_REPORT_SAMPLE_TEST_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyse/analysis.h"
#include "base/file.h"
#include "support/test.h"

#define US INT64_C(1000) /* nanoseconds */
#define HASH(pair)                                                                                 \
    pair pair pair pair pair pair pair pair pair pair pair pair pair pair pair pair pair pair pair \
        pair pair pair pair pair pair pair pair pair pair pair pair pair

enum { SAMPLE_BLOCKS = 5, SAMPLE_HOSTS = 3, SAMPLE_METRICS = 96 };

#define SAMPLE_START (INT64_C(1679443200) * NS_PER_SECOND) /* 2023-03-22T00:00:00Z */

static void *sample_take(struct analysis *a, size_t count, size_t size)
{
    void *at = arena_take(&a->memory, count * size, 16);

    assert_non_null(at);
    return at;
}

/* --- Blocks ---------------------------------------------------------------- */

static struct block_observation sample_observation(uint32_t host, const int64_t us[OBSERVER_PHASES],
                                                   int64_t adoption_us)
{
    struct block_observation o = {
        .host = host,
        .chain_delta = 1,
        .headers = 1,
        .requests = 1,
        .fetches = 1,
        .valid = true,
        .adoption_ns = adoption_us < 0 ? TIME_NONE : adoption_us * US,
    };

    for (int i = 0; i < OBSERVER_PHASES; i++) {
        o.delta_ns[i] = us[i] == INT64_MIN ? TIME_NONE : us[i] * US;
        if (us[i] == INT64_MIN)
            o.missing |= (uint8_t)(1u << i);
        else if (us[i] < 0)
            o.negative |= (uint8_t)(1u << i);
    }
    return o;
}

static struct chain_block sample_block(const char *hash, const char *parent, int64_t number,
                                       int64_t slot)
{
    struct chain_block b = {
        .hash = hash,
        .parent = parent,
        .number = number,
        .slot = slot,
        .slot_in_epoch = (uint64_t)slot,
        .safe_interval = (uint64_t)slot / 60,
        .slot_start_ns = SAMPLE_START + slot * NS_PER_SECOND,
        .forger = NO_HOST,
        .size_bytes = -1,
        .forger_chain_delta = -1,
        .forger_adoption_ns = TIME_NONE,
        .forged_at_ns = TIME_NONE,
        .block_gap_ns = TIME_NONE,
    };

    for (int i = 0; i < FORGER_PHASES; i++)
        b.forger_delta_ns[i] = TIME_NONE;
    for (int i = 0; i < ADOPTION_FRACTIONS; i++)
        b.adoption_ns[i] = TIME_NONE;
    return b;
}

static void sample_forged(struct chain_block *b, uint32_t forger, int64_t size,
                          const int64_t us[FORGER_PHASES], int64_t adoption_us, int64_t gap_us)
{
    int64_t path = 0;

    b->forger = forger;
    b->size_bytes = size;
    b->forger_chain_delta = 1;
    for (int i = 0; i < FORGER_PHASES; i++) {
        b->forger_delta_ns[i] = us[i] * US;
        path += i <= FORGER_FORGED ? us[i] : 0;
    }
    b->forged_at_ns = b->slot_start_ns + path * US;
    b->forger_adoption_ns = adoption_us * US;
    b->block_gap_ns = gap_us < 0 ? TIME_NONE : gap_us * US;
}

static void sample_adopted(struct chain_block *b, uint32_t adopters, const int64_t us[8])
{
    b->adopters = adopters;
    for (int i = 0; i < ADOPTION_FRACTIONS; i++)
        b->adoption_ns[i] = us[i] < 0 ? TIME_NONE : us[i] * US;
}

static void sample_observed(struct analysis *a, struct chain_block *b,
                            const struct block_observation *list, uint32_t count)
{
    b->observations = sample_take(a, count, sizeof *list);
    memcpy(b->observations, list, count * sizeof *list);
    b->observation_count = count;
    for (uint32_t i = 0; i < count; i++)
        b->valid_observations += list[i].valid;
}

#define NONE INT64_MIN
#define OBSERVED(host, adoption, ...) sample_observation(host, (int64_t[]){ __VA_ARGS__ }, adoption)

static void sample_add_blocks(struct analysis *a)
{
    struct chain_block *b = sample_take(a, SAMPLE_BLOCKS, sizeof *b);
    struct block_observation of_b0[] = {
        OBSERVED(1, 321000, 80000, 1000, 180000, 1000, 40000, 60000),
        OBSERVED(2, 481500, 120000, 1500, 300000, 500, NONE, 60000),
    };
    struct block_observation of_b1[] = {
        OBSERVED(0, 370500, 90000, 500, 220000, 500, 40500, 60000),
        OBSERVED(2, -1, 900000, 1000, 400000, NONE, NONE, NONE),
    };
    struct block_observation of_b2[] = {
        OBSERVED(1, 491000, 130000, 1000, 300000, -1000, 40000, 60000),
        OBSERVED(2, 642000, 150000, 2000, 420000, 500, 41000, 70000),
    };

    of_b1[1].valid = of_b2[1].valid = false;
    of_b2[1].chain_delta = 2;
    b[0] = sample_block(HASH("b0"), NULL, 0, 10);
    sample_forged(
        &b[0], 0, 60000,
        (int64_t[]){ 1200, 2000, 100, 50, 450, 12000, 30000, 1000, 700, 47500, 4700, 53400 },
        100200, -1);
    sample_adopted(&b[0], 3,
                   (int64_t[]){ 321000, 481500, 481500, 481500, 481500, 481500, 481500, 481500 });
    sample_observed(a, &b[0], of_b0, 2);
    b[1] = sample_block(HASH("b1"), HASH("b0"), 1, 35);
    sample_forged(
        &b[1], 1, 80000,
        (int64_t[]){ 1000, 1500, 100, 100, 400, 10000, 30000, 1000, 1000, 45100, 5000, 50000 },
        94100, 24997300);
    sample_adopted(&b[1], 2, (int64_t[]){ 370500, -1, -1, -1, -1, -1, -1, -1 });
    sample_observed(a, &b[1], of_b1, 2);
    b[1].battles = 1;
    b[2] = sample_block(HASH("f1"), HASH("b0"), 1, 36);
    sample_forged(
        &b[2], 2, 30000,
        (int64_t[]){ 1000, 1000, 100, 100, 400, 9000, 20000, 1000, 1000, 33600, 5000, 50000 },
        82600, -1);
    b[2].battles = 1;
    b[2].fate = BLOCK_UNCHAINED;
    b[3] = sample_block(HASH("b2"), HASH("b1"), 2, 62);
    sample_forged(
        &b[3], 0, 81000,
        (int64_t[]){ 2000, 3000, 200, 100, 700, 26000, 60000, 1600, 1000, 94600, 5000, 60000 },
        153600, 27049500);
    sample_adopted(&b[3], 3,
                   (int64_t[]){ 491000, 642000, 642000, 642000, 642000, 642000, 642000, 642000 });
    sample_observed(a, &b[3], of_b2, 2);
    b[4] = sample_block(HASH("b3"), HASH("b2"), 3, 90);
    b[4].fate = BLOCK_PENDING;
    b[4].forger = 1;
    b[0].accepted = b[1].accepted = b[3].accepted = true;
    a->blocks = b;
    a->block_count = SAMPLE_BLOCKS;
    a->chained_count = a->accepted_count = 3;
    a->unchained_count = a->pending_count = 1;
    memcpy(a->slots_raw, (int64_t[]){ 10, 62 }, sizeof a->slots_raw);
    memcpy(a->slots_filtered, (int64_t[]){ 10, 62 }, sizeof a->slots_filtered);
    memcpy(a->blocks_raw, (int64_t[]){ 0, 2 }, sizeof a->blocks_raw);
    memcpy(a->blocks_filtered, (int64_t[]){ 0, 2 }, sizeof a->blocks_filtered);
}

/* Block full to 80 %, and nothing else adopted with it: b0 is not full enough. */
static void sample_add_filters(struct analysis *a)
{
    struct filter_result *f = sample_take(a, 2, sizeof *f);

    f[0] = (struct filter_result){ "BFullnessGEq 0.8", "size-full", false, 1, 0, 0 };
    f[1] = (struct filter_result){ "EpochGEq 0", "epoch0", true, 0, 0, 17 };
    a->filters = f;
    a->filter_count = 2;
    for (size_t i = 0; i < a->block_count; i++)
        memset(a->blocks[i].answers, FILTER_YES, sizeof a->blocks[i].answers);
    a->blocks[0].answers[0] = FILTER_NO;
    a->blocks[0].accepted = false;
    a->accepted_count = 2;
    a->blocks_filtered[0] = 1;
    a->slots_filtered[0] = 35;
}

/* --- Metrics --------------------------------------------------------------- */

static struct metric_result *sample_metric(struct analysis *a, enum metric_section section,
                                           const char *id, enum metric_kind kind)
{
    struct metric_result *m = &a->metrics[a->metric_count++];

    assert_true(a->metric_count <= SAMPLE_METRICS);
    *m = (struct metric_result){ .info = dictionary_find(section, id), .kind = kind };
    assert_non_null(m->info);
    return m;
}

static void sample_number(struct analysis *a, enum metric_section section, const char *id,
                          double number)
{
    sample_metric(a, section, id, METRIC_NUMBER)->number = number;
}

static void sample_word(struct analysis *a, const char *id, const char *text)
{
    sample_metric(a, SECTION_SUMMARY, id, METRIC_TEXT)->text = text;
}

static void sample_absent(struct analysis *a, enum metric_section section, const char *id,
                          const char *reason)
{
    sample_metric(a, section, id, METRIC_ABSENT)->absent_reason = reason;
}

static void sample_distribution(struct analysis *a, enum metric_section section, const char *id,
                                const double *values, size_t n)
{
    double copy[64];

    memcpy(copy, values, n * sizeof *values);
    distribution_of(copy, n, a->rule, &sample_metric(a, section, id, METRIC_DISTRIBUTION)->over);
}
#define SAMPLES(a, section, id, ...)                               \
    sample_distribution(a, section, id, (double[]){ __VA_ARGS__ }, \
                        sizeof(double[]){ __VA_ARGS__ } / sizeof(double))

/* Over hosts: four samples a host about the host's own level. */
static void sample_over_hosts(struct analysis *a, enum metric_section section, const char *id,
                              double level, double step)
{
    struct metric_result *m = sample_metric(a, section, id, METRIC_DISTRIBUTION);
    double all[64], means[SAMPLE_HOSTS];
    struct distribution of_means;
    size_t n = 0;

    m->per_host = sample_take(a, a->host_count, sizeof *m->per_host);
    for (uint32_t h = 0; h < a->host_count; h++) {
        double own[4];

        for (int i = 0; i < 4; i++)
            all[n++] = own[i] = level + step * (h + 0.25 * i);
        distribution_of(own, 4, a->rule, &m->per_host[h]);
        means[h] = m->per_host[h].mean;
    }
    distribution_of(all, n, a->rule, &m->over);
    distribution_of(means, a->host_count, a->rule, &of_means);
    m->inter_host_sd = of_means.sd;
    memcpy(m->quantile_medians, m->over.quantiles, sizeof m->quantile_medians);
}

static void sample_add_summary(struct analysis *a)
{
    sample_word(a, "date.systemStart", "2023-03-22");
    sample_word(a, "ident", "node-8.0.0");
    sample_word(a, "era", "babbage");
    sample_number(a, SECTION_SUMMARY, "tps", 12);
    sample_number(a, SECTION_SUMMARY, "sumHosts", a->host_count);
    sample_number(a, SECTION_SUMMARY, "cdfLogLineRate", 41.5);
    sample_number(a, SECTION_SUMMARY, "ddRawCount.sumDomainTime", 3600.25);
    sample_absent(a, SECTION_SUMMARY, "plutusScript", "The run has no meta.json.");
    sample_absent(a, SECTION_SUMMARY, "utxo", "The run has no meta.json.");
}

/* Of the samples of forging: who forged which of the three blocks, and how it went. */
static void sample_forgers(struct analysis *a, struct metric_result *m)
{
    m->by_host = sample_take(a, a->host_count, sizeof *m->by_host);
    moments_add(&m->by_host[0], .0012);
    moments_add(&m->by_host[1], .0010);
    moments_add(&m->by_host[0], .0020);
}

static void sample_add_block_metrics(struct analysis *a)
{
    SAMPLES(a, SECTION_CONTROL, "cdfBlocksPerHost", 2, 2, 1);
    SAMPLES(a, SECTION_CONTROL, "cdfBlocksChainedRatio", 1, 0.5, 0);
    SAMPLES(a, SECTION_CONTROL, "cdfBlockBattle", 0, 1, 0);
    SAMPLES(a, SECTION_CONTROL, "cdfBlockSize", 60000, 80000, 81000);
    SAMPLES(a, SECTION_FORGER, "cdfForgerStart", .0012, .0010, .0020);
    sample_forgers(a, &a->metrics[a->metric_count - 1]);
    SAMPLES(a, SECTION_FORGER, "cdfForgerBlkCtx", .0020, .0015, .0030);
    SAMPLES(a, SECTION_FORGER, "cdfForgerLgrState", .0001, .0001, .0002);
    SAMPLES(a, SECTION_FORGER, "cdfForgerLgrView", .00005, .0001, .0001);
    SAMPLES(a, SECTION_FORGER, "cdfForgerLead", .00045, .0004, .0007);
    SAMPLES(a, SECTION_FORGER, "cdfForgerTicked", .012, .010, .026);
    SAMPLES(a, SECTION_FORGER, "cdfForgerMemSnap", .030, .030, .060);
    SAMPLES(a, SECTION_FORGER, "cdfForgerForge", .001, .001, .0016);
    SAMPLES(a, SECTION_FORGER, "cdfForgerAnnounce", .0007, .001, .001);
    SAMPLES(a, SECTION_FORGER, "cdfForgerSend", .0047, .005, .005);
    SAMPLES(a, SECTION_FORGER, "cdfForgerAdoption", .0534, .05, .06);
    SAMPLES(a, SECTION_FORGER, "cdfForgerAnnounceCum", .0475, .0451, .0946);
    SAMPLES(a, SECTION_PEERS, "cdfPeerNoticeFirst", .080, .090, .130);
    SAMPLES(a, SECTION_PEERS, "cdfPeerFetchFirst", .2610, .3105, .4310);
    SAMPLES(a, SECTION_PEERS, "cdfPeerRequest", .0010, .0015, .0005, .0010);
    SAMPLES(a, SECTION_PEERS, "cdfPeerFetch", .180, .300, .220, .300);
    SAMPLES(a, SECTION_PEERS, "cdfPeerAnnounce", .0010, .0005, .0005, -.0010);
    SAMPLES(a, SECTION_PEERS, "cdfPeerSend", .0400, .0405, .0400);
    SAMPLES(a, SECTION_PEERS, "cdfPeerAdoption", .060, .060, .060, .060);
}

/* As the field's tool has them: shares of the adopters. */
static void sample_add_adoption(struct analysis *a)
{
    static const char *const ids[] = { "cdf0.50", "cdf0.80", "cdf0.90", "cdf0.92",
                                       "cdf0.94", "cdf0.96", "cdf0.98", "cdf1.00" };

    SAMPLES(a, SECTION_ENDTOEND, ids[0], .3210, .3705, .4910);
    for (int i = 1; i < ADOPTION_FRACTIONS; i++)
        SAMPLES(a, SECTION_ENDTOEND, ids[i], .4815, .3705, .6420);
}

/* Four bins of two slots; nobody has samples in the third. */
static void sample_add_timeline(struct analysis *a)
{
    static struct cluster_bin cpu[] = {
        { 8.5, 6, 11 }, { 9.123456789, 7, 11.25 }, { NAN, NAN, NAN }, { 1.0 / 3, 0, 1 }
    };
    struct cluster_line *line = sample_take(a, 1, sizeof *line);

    *line = (struct cluster_line){ dictionary_find(SECTION_MACHPERF, "CentiCpu"), cpu };
    a->timeline = (struct cluster_timeline){
        .first_slot = 10, .slots_per_bin = 2, .bins = 4, .lines = line, .line_count = 1
    };
}

static void sample_add_arrival(struct analysis *a)
{
    static struct adoption_share curve[] = { { 1, .0947, .1002, .14826 },
                                             { 2, .32595, .3705, .47895 },
                                             { 3, .489525, .56175, .633975 } };
    static struct adoption_bound bound[] = { { 1, .0952, .1 }, { 2, .1139, .12 }, { 3, .28, .3 } };

    a->arrival = (struct arrival_result){
        .blocks = 3,
        .curve = curve,
        .point_count = 3,
        .bound = { .assumptions = "open windows",
                   .curve = bound,
                   .point_count = 3,
                   .blocks = 3,
                   .efficiency = .28 / .56175,
                   .block_bytes = 221000.0 / 3,
                   .links = 2 },
    };
}

static void sample_add_resources(struct analysis *a)
{
    sample_over_hosts(a, SECTION_MACHPERF, "cdfStarts", 0.9375, 0.03);
    sample_over_hosts(a, SECTION_MACHPERF, "cdfStarted", 0.0011, 0.0002);
    sample_over_hosts(a, SECTION_MACHPERF, "CentiCpu", 8.5, 2);
    sample_over_hosts(a, SECTION_MACHPERF, "RSS", 2500, 100);
    sample_over_hosts(a, SECTION_MACHPERF, "Alloc", 40, 1.5);
    sample_absent(a, SECTION_MACHPERF, "NetRd", "The resource samples hold no network counters.");
    sample_absent(a, SECTION_MACHPERF, "cdfSpanLensCpuEpoch",
                  "No slot was busy at the start of an epoch.");
}

/* --- What was read --------------------------------------------------------- */

static void sample_add_hosts(struct analysis *a, uint32_t count)
{
    static const char *const names[SAMPLE_HOSTS] = { "node-0", "node-1", "node-2" };
    struct host_result *h = sample_take(a, count, sizeof *h);

    for (uint32_t i = 0; i < count; i++) {
        h[i] = (struct host_result){
            .name = names[i],
            .cluster_member = true,
            .lines = 120000 + 1000 * i,
            .bytes = 51234567,
            .objects = 48000,
            .slots = 3600,
            .checked_slots = 3590,
            .missed_slots = 10,
            .blocks_filtered = i < 2,
            .blocks_rejected = i == 0,
            .blocks_unchained = i == 2,
            .blocks_pending = i == 1,
            .worst_backstep_ns = TIME_NONE,
            .longest_gap_ns = 2500000 * US,
            .longest_gap_at_ns = SAMPLE_START + 60 * NS_PER_SECOND,
            .clock_offset_ns = TIME_NONE,
            .first_ns = SAMPLE_START,
            .last_ns = SAMPLE_START + 3600 * NS_PER_SECOND,
            .last_in_file_ns = SAMPLE_START + 3600 * NS_PER_SECOND,
        };
    }
    a->hosts = h;
    a->host_count = a->cluster_size = count;
}

static void sample_add_reading(struct analysis *a)
{
    struct file_read_result *f = sample_take(a, a->host_count, sizeof *f);
    struct event_count *e = sample_take(a, 3, sizeof *e);
    struct reject_count *r = sample_take(a, 2, sizeof *r);

    for (uint32_t i = 0; i < a->host_count; i++) {
        f[i] = (struct file_read_result){
            .path = "logs/node.json.zst",
            .host = a->hosts[i].name,
            .compression = "zstd",
            .lines = a->hosts[i].lines,
            .bytes = 51234567,
            .checksum = "99aa06d3014798d86001c324468d497f",
            .first_ns = a->hosts[i].first_ns,
            .last_ns = a->hosts[i].last_ns,
        };
        a->lines += f[i].lines;
        a->bytes += f[i].bytes;
        a->objects += a->hosts[i].objects;
    }
    f[a->host_count - 1].problem = "the compressed data end early";
    e[0] = (struct event_count){ "Net.Mux.Remote.State", EVENT_NONE, 200000 };
    e[1] = (struct event_count){ "Forge.Loop.StartLeadershipCheck", EVENT_START_LEADERSHIP_CHECK,
                                 10770 };
    e[2] = (struct event_count){ "ChainSync.Client.DownloadedHeader", EVENT_SEEN_HEADER, 9 };
    r[0] = (struct reject_count){
        "falling-edge", "the end of a measured interval", true, 300, "logs/node.json.zst", 12
    };
    r[1] = (struct reject_count){
        "cut-line", "the line ends in the middle of a JSON value", false, 1, "logs/node.json.zst",
        120000
    };
    a->hosts[a->host_count - 1].not_understood = 1;
    a->files = f, a->file_count = a->host_count;
    a->events = e, a->event_count = 3;
    a->rejects = r, a->reject_count = 2;
    a->first_ns = a->hosts[0].first_ns;
    a->last_ns = a->hosts[0].last_ns;
}

static void sample_add_findings(struct analysis *a)
{
    struct finding *f = sample_take(a, 3, sizeof *f);

    f[0] = (struct finding){ FINDING_ERROR, "file-cut", 2, 1,
                             "The compressed data of logs/node.json.zst end early; what came "
                             "before was analysed. Fetch the file again." };
    f[1] = (struct finding){ FINDING_WARNING, "clock-suspect", 1, 4,
                             "The clock of node-1 seems to be 31 ms ahead of the others: its "
                             "headers arrive before they are announced. Check its time "
                             "synchronisation before trusting its peer metrics." };
    f[2] = (struct finding){ FINDING_NOTE, "negative-interval", NO_HOST, 1,
                             "1 announcement came before the body was complete, as header "
                             "pipelining does." };
    a->findings = f, a->finding_count = 3;
}

static void sample_begin(struct analysis *a, bool compat, uint32_t hosts)
{
    *a = (struct analysis){
        .genesis = { .active_slots_coeff = 0.05,
                     .security_param = 3,
                     .epoch_slots = 600,
                     .system_start_ns = SAMPLE_START,
                     .slot_ns = NS_PER_SECOND,
                     .network_magic = 42,
                     .max_tx_bytes = 16384,
                     .max_block_body_bytes = 88000,
                     .slots_per_kes_period = 129600,
                     .max_kes_evolutions = 62,
                     .clock = { .stretches = { { .start_ns = SAMPLE_START,
                                                 .slot_ns = NS_PER_SECOND,
                                                 .epoch_slots = 600 } },
                                .count = 1 } },
        .genesis_source = "genesis-shelley.json",
        .compat = compat,
        .rule = compat ? QUANTILE_LOCLI : QUANTILE_TYPE7,
    };
    arena_init(&a->memory, allocator_libc(), 1 << 24);
    sample_add_hosts(a, hosts);
    a->metrics = sample_take(a, SAMPLE_METRICS, sizeof *a->metrics);
}

static struct package_version sample_packages[] = {
    { "cardano-node", "8.0.0", "69a117b7be3db0f4ce6d9fc5cd4c16a2a409dcb8" },
    { "ouroboros-network", NULL, "a65c29b6a85e90d430c7f58d362b7eb097fd4949" },
};
static struct run_context sample_context = {
    .tag = "2023-03-22-ci-test",
    .ident = "node-8.0.0",
    .batch = "batch-7",
    .profile = "ci-test",
    .era = "babbage",
    .ghc_version = "8.10.7",
    .packages = sample_packages,
    .package_count = 2,
    .delegators = NAN,
    .utxo = NAN,
    .dreps = NAN,
    .add_tx_size = 100,
    .inputs_per_tx = 2,
    .outputs_per_tx = 2,
    .tps = 12,
    .tx_count = 9000,
    .pools = 3,
    .machine = "x86_64, 2 cores, 24.0 GB",
    .flags = (const char *[]){ "optimized" },
    .flag_count = 1,
    .design = { "series-1", 2, 0 },
};

/* The whole cluster; with filters when `filtered`. */
static void sample_full(struct analysis *a, bool compat, bool filtered)
{
    sample_begin(a, compat, SAMPLE_HOSTS);
    a->context = &sample_context;
    sample_add_blocks(a);
    if (filtered)
        sample_add_filters(a);
    sample_add_reading(a);
    sample_add_findings(a);
    sample_add_summary(a);
    sample_add_block_metrics(a);
    sample_add_adoption(a);
    sample_add_resources(a);
    sample_add_timeline(a);
    sample_add_arrival(a);
}

/* One relay of a public network: blocks are seen and adopted, nobody tells how
 * they were forged. Names are as hostile as a log can make them. */
static void sample_partial(struct analysis *a)
{
    static const char reason[] = "No block was forged by a host whose log is here.";
    static const char *const forger[] = { "cdfForgerStart", "cdfForgerBlkCtx", "cdfForgerLead",
                                          "cdfForgerForge", "cdfForgerAnnounceCum" };
    struct block_observation seen = OBSERVED(0, 612000, 400000, 1000, 150000, NONE, NONE, 61000);
    struct chain_block *b;

    sample_begin(a, false, 1);
    a->hosts[0].name = "re\x1b[31mlay|\"one\",\xff\n";
    a->hosts[0].blocks_filtered = a->hosts[0].blocks_rejected = 0;
    snprintf(a->genesis.name, sizeof a->genesis.name, "preview");
    a->genesis_source = "preview";
    a->partial_view = true;
    b = sample_take(a, 2, sizeof *b);
    b[0] = sample_block(HASH("c0"), NULL, 100, 2000);
    b[1] = sample_block("\x1b]0;owned\x07", HASH("c0"), 101, 2040);
    sample_observed(a, &b[0], &seen, 1);
    b[0].accepted = b[1].accepted = true;
    a->blocks = b;
    a->block_count = a->chained_count = a->accepted_count = a->forgerless_count = 2;
    memcpy(a->slots_raw, (int64_t[]){ 2000, 2040 }, sizeof a->slots_raw);
    memcpy(a->slots_filtered, a->slots_raw, sizeof a->slots_raw);
    memcpy(a->blocks_raw, (int64_t[]){ 100, 101 }, sizeof a->blocks_raw);
    memcpy(a->blocks_filtered, a->blocks_raw, sizeof a->blocks_raw);
    sample_add_reading(a);
    for (size_t i = 0; i < sizeof forger / sizeof *forger; i++)
        sample_absent(a, SECTION_FORGER, forger[i], reason);
    SAMPLES(a, SECTION_PEERS, "cdfPeerNoticeFirst", .400, .410, .420, .430, .440, .450, .460, .470);
    SAMPLES(a, SECTION_PEERS, "cdfPeerRequest", .001);
    SAMPLES(a, SECTION_ENDTOEND, "cdf0.50", .612);
    sample_over_hosts(a, SECTION_MACHPERF, "CentiCpu", 8.5, 2);
}

static inline void sample_release(struct analysis *a)
{
    arena_release(&a->memory);
}

/* --- Golden files ---------------------------------------------------------- */

/* Compares with tests/data/golden/report/NAME as a whole. With
 * OUROSCOPE_WRITE_GOLDEN in the environment it writes the file instead: look at
 * the difference before it is committed. */
static inline void assert_golden(const struct buffer *got, const char *name)
{
    char path[256];
    struct buffer expected;
    struct ou_error err = { 0 };

    assert_int_equal(buffer_status(got), OU_OK);
    if (getenv("OUROSCOPE_MEMCHECK")) /* its long double has 53 bits: last digits differ */
        return;
    snprintf(path, sizeof path, "tests/data/golden/report/%s", name);
    if (getenv("OUROSCOPE_WRITE_GOLDEN")) {
        FILE *file = fopen(path, "w");

        assert_non_null(file);
        fwrite(buffer_string(got), 1, got->len, file);
        fclose(file);
        return;
    }
    buffer_init(&expected, allocator_libc(), 1 << 24);
    if (file_read(path, &expected, &err) != OU_OK)
        fail_msg("%s", err.text);
    if (strcmp(buffer_string(got), buffer_string(&expected)) != 0) {
        print_error("--- what came out, instead of %s:\n%s\n---\n", path, buffer_string(got));
        fail_msg("%s differs", path);
    }
    buffer_release(&expected);
}

#endif
