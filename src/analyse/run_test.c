/* The worked examples (tests/data/examples) against their expected values, in
 * compat mode; and the corrected values, worked out by hand, beside. */
#include "analyse/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyse/analysis_test.h"
#include "analyse/slot_fold.h"
#include "json/tree.h"
#include "support/test.h"

#define EXAMPLES "tests/data/examples/"
#define TOLERANCE 1e-9
#define SD_TOLERANCE 1e-6

struct example {
    struct genesis genesis;
    struct filter_set filters;
    struct log_inputs inputs;
    struct analysis a;
    struct slot_record *slots[8]; /* copies, by order of the hosts' names below */
    size_t slot_counts[8];
};

static void keep_rows(void *context, const char *host, const struct slot_record *rows, size_t count)
{
    struct example *x = context;
    int i = host[5] - '0'; /* node-N */

    x->slots[i] = calloc(count, sizeof(*rows));
    memcpy(x->slots[i], rows, count * sizeof(*rows));
    x->slot_counts[i] = count;
}

static void run(struct example *x, const char *folder, const char *const *logs, bool compat,
                const char *filter)
{
    struct slot_sink sink = { x, keep_rows };
    struct analysis_request request = { .genesis = &x->genesis,
                                        .genesis_source = "example",
                                        .filters = &x->filters,
                                        .compat = compat,
                                        .rule = compat ? QUANTILE_LOCLI : QUANTILE_TYPE7,
                                        .reading = { .threads = 2 },
                                        .slots = &sink };
    char path[256];
    struct ou_error err;

    memset(x, 0, sizeof(*x));
    snprintf(path, sizeof(path), EXAMPLES "%s/genesis-shelley.json", folder);
    assert_int_equal(genesis_load(path, &x->genesis, &err), OU_OK);
    filter_set_init(&x->filters, x->genesis.max_block_body_bytes, compat);
    if (filter) {
        snprintf(path, sizeof(path), EXAMPLES "%s/%s", folder, filter);
        assert_int_equal(filter_add_file(&x->filters, path, &err), OU_OK);
    }
    for (; *logs; logs++) {
        char argument[256];

        snprintf(argument, sizeof(argument), "%.6s=" EXAMPLES "%s/logs-%s.json", *logs, folder,
                 *logs);
        assert_int_equal(log_inputs_add(&x->inputs, argument, &err), OU_OK);
    }
    log_inputs_sort(&x->inputs);
    assert_int_equal(analysis_run(&request, &x->inputs, &x->a, &err), OU_OK);
}

static void release(struct example *x)
{
    analysis_release(&x->a);
    filter_set_release(&x->filters);
    log_inputs_release(&x->inputs);
    for (int i = 0; i < 8; i++)
        free(x->slots[i]);
}

static const char *const three_hosts[] = { "node-0", "node-1", "node-2", NULL };
static const char *const one_legacy[] = { "node-0", "node-1", "node-2.legacy", NULL };
static const char *const two_hosts[] = { "node-0", "node-1", NULL };

static json_t *expected(const char *folder)
{
    char path[256];
    struct ou_error err;
    json_t *tree = NULL;

    snprintf(path, sizeof(path), EXAMPLES "%s/expected.json", folder);
    if (json_tree_load(path, 1 << 20, &tree, &err) != OU_OK)
        fail_msg("%s", err.text);
    return tree;
}

static void near(const char *what, double got, double wanted, double tolerance)
{
    if (!(fabs(got - wanted) <= tolerance))
        fail_msg("%s: got %.12g, wanted %.12g", what, got, wanted);
}

static void near_sd(const char *what, double got, double wanted)
{
    near(what, got, wanted, SD_TOLERANCE * fmax(1e-3, fabs(wanted)));
}

static void same_samples(const char *id, const double *got, const json_t *wanted)
{
    assert_int_equal(json_array_size(wanted), STANDARD_QUANTILES);
    for (size_t i = 0; i < STANDARD_QUANTILES; i++) {
        const json_t *pair = json_array_get(wanted, i);

        near(id, standard_quantiles[i], json_number_value(json_array_get(pair, 0)), 0);
        near(id, got[i], json_number_value(json_array_get(pair, 1)), TOLERANCE);
    }
}

static void same_distribution(const char *id, const struct distribution *got, const json_t *wanted)
{
    const json_t *range = json_object_get(wanted, "range");

    assert_int_equal(got->n, json_integer_value(json_object_get(wanted, "size")));
    if (got->n == 0)
        return;
    near(id, got->mean, json_number_value(json_object_get(wanted, "average")), TOLERANCE);
    near(id, got->median, json_number_value(json_object_get(wanted, "median")), TOLERANCE);
    near_sd(id, got->sd, json_number_value(json_object_get(wanted, "stddev")));
    near(id, got->min, json_number_value(json_array_get(range, 0)), TOLERANCE);
    near(id, got->max, json_number_value(json_array_get(range, 1)), TOLERANCE);
    same_samples(id, got->quantiles, json_object_get(wanted, "samples"));
}

static const struct metric_result *metric(const struct analysis *a, const char *id)
{
    for (size_t i = 0; i < a->metric_count; i++)
        if (strcmp(a->metrics[i].info->id, id) == 0)
            return &a->metrics[i];
    fail_msg("no metric %s", id);
    return NULL;
}

static double mean(const struct analysis *a, const char *id)
{
    const struct metric_result *m = metric(a, id);

    if (m->kind != METRIC_DISTRIBUTION)
        fail_msg("%s is absent: %s", id, m->absent_reason);
    return m->over.mean;
}

static double value(const struct analysis *a, const char *id)
{
    const struct metric_result *m = metric(a, id);

    assert_int_equal(m->kind, METRIC_NUMBER);
    return m->number;
}

/* --- Example 1 ----------------------------------------------------------- */

static void same_time(const char *what, int64_t ns, const json_t *wanted)
{
    if (json_is_null(wanted) || !wanted)
        assert_true(ns == TIME_NONE);
    else
        near(what, (double)ns / NS_PER_SECOND, json_number_value(wanted), TOLERANCE);
}

static void same_forge(const struct analysis *a, const struct chain_block *got,
                       const json_t *wanted)
{
    static const char *const keys[FORGER_PHASES] = {
        "bfStarted", "bfBlkCtx", "bfLgrState",  "bfLgrView",      "bfLeading", "bfTicked",
        "bfMemSnap", "bfForged", "bfAnnounced", "bfAnnouncedCum", "bfSending", "bfAdopted",
    };

    assert_string_equal(a->hosts[got->forger].name,
                        json_string_value(json_object_get(wanted, "bfForger")));
    assert_int_equal(got->size_bytes, json_integer_value(json_object_get(wanted, "bfBlockSize")));
    assert_int_equal(got->forger_chain_delta,
                     json_integer_value(json_object_get(wanted, "bfChainDelta")));
    same_time("bfBlockGap", got->block_gap_ns, json_object_get(wanted, "bfBlockGap"));
    for (int i = 0; i < FORGER_PHASES; i++)
        same_time(keys[i], got->forger_delta_ns[i], json_object_get(wanted, keys[i]));
}

static void same_observation(const struct analysis *a, const struct block_observation *got,
                             const json_t *wanted)
{
    static const char *const keys[OBSERVER_PHASES] = { "boNoticed",   "boRequested", "boFetched",
                                                       "boAnnounced", "boSending",   "boAdopted" };

    assert_string_equal(a->hosts[got->host].name,
                        json_string_value(json_object_get(wanted, "boObserver")));
    for (int i = 0; i < OBSERVER_PHASES; i++)
        same_time(keys[i], got->delta_ns[i], json_object_get(wanted, keys[i]));
    assert_int_equal(got->chain_delta, json_integer_value(json_object_get(wanted, "boChainDelta")));
    assert_int_equal(got->valid, json_is_true(json_object_get(wanted, "valid")));
}

static void same_block(const struct analysis *a, const struct chain_block *got,
                       const json_t *wanted)
{
    const json_t *observations = json_object_get(wanted, "beObservations");
    const json_t *samples = json_object_get(json_object_get(wanted, "bePropagation"), "samples");

    assert_string_equal(got->hash, json_string_value(json_object_get(wanted, "beBlock")));
    assert_string_equal(got->parent, json_string_value(json_object_get(wanted, "beBlockPrev")));
    assert_int_equal(got->number, json_integer_value(json_object_get(wanted, "beBlockNo")));
    assert_int_equal(got->slot, json_integer_value(json_object_get(wanted, "beSlotNo")));
    assert_int_equal(got->accepted, json_is_true(json_object_get(wanted, "accepted")));
    assert_int_equal(got->battles, json_integer_value(json_object_get(wanted, "beForks")));
    same_forge(a, got, json_object_get(wanted, "beForge"));
    assert_int_equal(got->observation_count, json_array_size(observations));
    for (uint32_t i = 0; i < got->observation_count; i++)
        same_observation(a, &got->observations[i], json_array_get(observations, i));
    for (size_t i = 0; i < ADOPTION_FRACTIONS; i++)
        same_time("adoption", got->adoption_ns[i], json_array_get(json_array_get(samples, i), 1));
}

static void same_domain(const int64_t *got, const json_t *wanted)
{
    assert_int_equal(got[0], json_integer_value(json_array_get(wanted, 0)));
    assert_int_equal(got[1], json_integer_value(json_array_get(wanted, 1)));
}

static void same_host_counts(const struct analysis *a, const json_t *wanted)
{
    for (uint32_t i = 0; i < a->host_count; i++) {
        const json_t *host = json_object_get(wanted, a->hosts[i].name);

        assert_int_equal(a->hosts[i].blocks_filtered,
                         json_integer_value(json_object_get(host, "hbsFiltered")));
        assert_int_equal(a->hosts[i].blocks_rejected,
                         json_integer_value(json_object_get(host, "hbsRejected")));
        assert_int_equal(a->hosts[i].blocks_unchained,
                         json_integer_value(json_object_get(host, "hbsUnchained")));
    }
}

static void same_propagation(const char *const *logs, const char *filter, const char *key)
{
    json_t *tree = expected("01-propagation"), *wanted = json_object_get(tree, key), *item;
    struct example x;
    const char *id;
    size_t at = 0;

    run(&x, "01-propagation", logs, true, filter);
    for (size_t i = 0; i < x.a.block_count; i++)
        if (x.a.blocks[i].fate == BLOCK_CHAINED)
            same_block(&x.a, &x.a.blocks[i],
                       json_array_get(json_object_get(wanted, "chain"), at++));
    assert_int_equal(at, json_array_size(json_object_get(wanted, "chain")));
    same_domain(x.a.slots_raw, json_object_get(json_object_get(wanted, "domSlots"), "raw"));
    same_domain(x.a.slots_filtered,
                json_object_get(json_object_get(wanted, "domSlots"), "filtered"));
    same_domain(x.a.blocks_raw, json_object_get(json_object_get(wanted, "domBlocks"), "raw"));
    same_domain(x.a.blocks_filtered,
                json_object_get(json_object_get(wanted, "domBlocks"), "filtered"));
    assert_int_equal(
        x.a.accepted_count,
        json_integer_value(json_object_get(json_object_get(wanted, "domBlocks"), "filteredCount")));
    same_host_counts(&x.a, json_object_get(wanted, "hostBlockStats"));
    assert_true(json_object_size(json_object_get(wanted, "blockprop")) >= 30);
    json_object_foreach(json_object_get(wanted, "blockprop"), id, item)
        same_distribution(id, &metric(&x.a, id)->over, item);
    release(&x);
    json_decref(tree);
}

static void test_compat_mode_reproduces_the_unfiltered_propagation_example(void **state)
{
    (void)state;
    same_propagation(three_hosts, NULL, "unfiltered");
}

static void test_compat_mode_reproduces_the_filtered_propagation_example(void **state)
{
    (void)state;
    same_propagation(three_hosts, "filter-full80.json", "full80");
}

static void test_a_host_in_the_legacy_dialect_changes_no_result(void **state)
{
    (void)state;
    same_propagation(one_legacy, NULL, "unfiltered");
    same_propagation(one_legacy, "filter-full80.json", "full80");
}

/* n samples with their mean, put together from those of the hosts. */
static void hosts_add_up(const struct analysis *a, const struct metric_result *m)
{
    size_t n = 0;
    double sum = 0;

    for (uint32_t h = 0; h < a->host_count; h++) {
        n += m->by_host[h].n;
        sum += (double)m->by_host[h].n * m->by_host[h].mean;
    }
    assert_int_equal(n, m->over.n);
    near(m->info->id, sum / (double)n, m->over.mean, TOLERANCE);
}

static void test_samples_of_blocks_can_be_told_apart_by_hosts(void **state)
{
    struct example x;
    int found = 0;

    (void)state;
    run(&x, "01-propagation", three_hosts, false, NULL);
    for (size_t i = 0; i < x.a.metric_count; i++) {
        const struct metric_result *m = &x.a.metrics[i];

        if (m->kind != METRIC_DISTRIBUTION || !m->by_host)
            continue;
        hosts_add_up(&x.a, m);
        found++;
    }
    assert_int_equal(found, 17); /* of the forger 12, of the observers 5 */
    /* node-0 forged the first and the third block, node-1 the second */
    assert_int_equal(metric(&x.a, "cdfForgerForge")->by_host[0].n, 2);
    assert_int_equal(metric(&x.a, "cdfForgerForge")->by_host[1].n, 1);
    assert_null(metric(&x.a, "cdfPeerNoticeFirst")->by_host);
    assert_null(metric(&x.a, "cdf0.50")->by_host);
    release(&x);
}

/* At two of three hosts the curve of arrival is the distribution of that share, at three the next. */
static void test_the_curve_of_arrival_goes_through_the_shares_of_adoption(void **state)
{
    static const char *const ids[] = { "cdf0.50", "cdf1.00" };
    struct example x;

    (void)state;
    run(&x, "01-propagation", three_hosts, false, NULL);
    assert_int_equal(x.a.arrival.point_count, 3);
    for (int i = 0; i < 2; i++) {
        const struct adoption_share *s = &x.a.arrival.curve[i + 1];
        const struct distribution *d = &metric(&x.a, ids[i])->over;

        assert_int_equal(s->hosts, i + 2);
        near(ids[i], s->p50_s, d->median, TOLERANCE);
        for (int q = 0; q < STANDARD_QUANTILES; q++) {
            if (standard_quantiles[q] == .05)
                near(ids[i], s->p05_s, d->quantiles[q], TOLERANCE);
            if (standard_quantiles[q] == .95)
                near(ids[i], s->p95_s, d->quantiles[q], TOLERANCE);
        }
    }
    /* the forgers adopt 0.1002, 0.0941 and 0.1536 s after slot start */
    near("first", x.a.arrival.curve[0].p50_s, 0.1002, TOLERANCE);
    release(&x);
}

/* Blocks 0.1002 0.3210 0.4815 | 0.0941 0.3705 - | 0.1536 0.4910 0.6420: of three
 * hosts half is two, 0.80 and up is all three. */
static void test_adoption_is_a_share_of_the_cluster_by_default(void **state)
{
    struct example x;

    (void)state;
    run(&x, "01-propagation", three_hosts, false, NULL);
    assert_int_equal(x.a.cluster_size, 3);
    near("0.50", mean(&x.a, "cdf0.50"), (0.3210 + 0.3705 + 0.4910) / 3, TOLERANCE);
    near("0.80", mean(&x.a, "cdf0.80"), (0.4815 + 0.6420) / 2, TOLERANCE);
    near("1.00", mean(&x.a, "cdf1.00"), (0.4815 + 0.6420) / 2, TOLERANCE);
    assert_int_equal(metric(&x.a, "cdf1.00")->over.n, 2);
    assert_true(block(&x.a, "b1")->adoption_ns[7] == TIME_NONE);
    /* type 7 of two values: half way */
    near("median", metric(&x.a, "cdf1.00")->over.median, (0.4815 + 0.6420) / 2, TOLERANCE);
    release(&x);
}

static void test_gaps_lie_between_the_instants_of_forging_by_default(void **state)
{
    struct example x;

    (void)state;
    run(&x, "01-propagation", three_hosts, false, NULL);
    assert_true(block(&x.a, "b0")->block_gap_ns == TIME_NONE);
    near("b1", (double)block(&x.a, "b1")->block_gap_ns / 1e9, 24.9973, TOLERANCE);
    near("b2", (double)block(&x.a, "b2")->block_gap_ns / 1e9, 27.0495, TOLERANCE);
    release(&x);
}

/* node-1 forged b1 (chained) and b3, the top that is still on its way. */
static void test_the_pending_top_block_is_not_held_against_its_forger(void **state)
{
    struct example x;

    (void)state;
    run(&x, "01-propagation", three_hosts, false, NULL);
    assert_int_equal(block(&x.a, "b3")->fate, BLOCK_PENDING);
    assert_int_equal(block(&x.a, "f1")->fate, BLOCK_UNCHAINED);
    near("ratio", mean(&x.a, "cdfBlocksChainedRatio"), (1.0 + 1.0 + 0.0) / 3, TOLERANCE);
    near("blocks", mean(&x.a, "cdfBlocksPerHost"), 5.0 / 3, TOLERANCE);
    release(&x);
}

static void test_filters_say_what_each_dropped(void **state)
{
    struct example x;

    (void)state;
    run(&x, "01-propagation", three_hosts, true, "filter-full80.json");
    assert_int_equal(x.a.filter_count, 2);
    assert_int_equal(x.a.filters[0].blocks_dropped, 1);
    assert_int_equal(x.a.filters[1].blocks_dropped, 0);
    near("rejected", value(&x.a, "sumBlocksRejected"), 1, 0);
    release(&x);
}

static void test_a_cut_last_line_is_counted_and_placed(void **state)
{
    struct example x;
    bool found = false;

    (void)state;
    run(&x, "01-propagation", three_hosts, false, NULL);
    for (size_t i = 0; i < x.a.reject_count; i++) {
        if (strcmp(x.a.rejects[i].code, "cut-line") != 0)
            continue;
        found = true;
        assert_int_equal(x.a.rejects[i].lines, 1);
        assert_non_null(strstr(x.a.rejects[i].first_path, "logs-node-2.json"));
        assert_int_equal(x.a.rejects[i].first_line, 28);
    }
    assert_true(found);
    release(&x);
}

/* Without node-0, the forger of b0 and b2: an operator's view. */
static void test_blocks_without_forger_log_keep_their_observers(void **state)
{
    static const char *const logs[] = { "node-1", "node-2", NULL };
    struct example x;
    const struct chain_block *b2;

    (void)state;
    run(&x, "01-propagation", logs, false, NULL);
    b2 = block(&x.a, "b2");
    assert_true(x.a.partial_view);
    assert_int_equal(b2->fate, BLOCK_CHAINED);
    assert_int_equal(b2->forger, NO_HOST);
    near("notice", (double)b2->observations[0].delta_ns[OBSERVER_NOTICED] / 1e9, 0.130, TOLERANCE);
    /* of two hosts, half is the first to adopt: 0.3210, 0.0941 (b1's forger), 0.4910 */
    near("0.50", mean(&x.a, "cdf0.50"), (0.3210 + 0.0941 + 0.4910) / 3, TOLERANCE);
    assert_int_equal(metric(&x.a, "cdfForgerStart")->over.n, 1); /* b1's forger is here */
    release(&x);
}

/* --- Example 2 ----------------------------------------------------------- */

/* The dictionary has the resources without the leading r of the example. */
static const char *dictionary_id(const char *id)
{
    return id[0] == 'r' ? id + 1 : id;
}

static void same_cluster(const char *id, const struct metric_result *got, const json_t *wanted)
{
    const json_t *range = json_object_get(wanted, "range");

    assert_int_equal(got->over.n, json_integer_value(json_object_get(wanted, "size")));
    near(id, got->over.mean, json_number_value(json_object_get(wanted, "reportAverage")),
         TOLERANCE);
    near(id, got->over.median, json_number_value(json_object_get(wanted, "medianOfMedians")),
         TOLERANCE);
    near_sd(id, got->over.sd, json_number_value(json_object_get(wanted, "stddev")));
    near_sd(id, got->inter_host_sd, json_number_value(json_object_get(wanted, "interHostStddev")));
    near(id, got->over.min, json_number_value(json_array_get(range, 0)), TOLERANCE);
    near(id, got->over.max, json_number_value(json_array_get(range, 1)), TOLERANCE);
    same_samples(id, got->over.quantiles, json_object_get(wanted, "centileMeans"));
    same_samples(id, got->quantile_medians, json_object_get(wanted, "centileMedians"));
}

static void test_compat_mode_reproduces_the_machine_performance_example(void **state)
{
    json_t *tree = expected("02-machperf"), *machines = json_object_get(tree, "machperf"), *item;
    struct example x;
    const char *id;

    (void)state;
    run(&x, "02-machperf", two_hosts, true, NULL);
    assert_int_equal(x.a.host_count, 2);
    for (uint32_t h = 0; h < 2; h++)
        json_object_foreach(json_object_get(machines, x.a.hosts[h].name), id, item)
            same_distribution(id, &metric(&x.a, dictionary_id(id))->per_host[h], item);
    json_object_foreach(json_object_get(tree, "clusterperf"), id, item)
        same_cluster(id, metric(&x.a, dictionary_id(id)), item);
    release(&x);
    json_decref(tree);
}

static void same_slot(const struct slot_record *got, const json_t *wanted)
{
    static const char *const phases[] = { "slStarted", "slBlkCtx", "slLgrState", "slLgrView",
                                          "slLeading" };
    static const char *const resources[RESOURCE_MEMBERS] = {
#define X(id, name) "r" name,
        OU_RESOURCE_MEMBERS(X)
#undef X
    };

    assert_int_equal(got->slot, json_integer_value(json_object_get(wanted, "slSlot")));
    assert_int_equal(got->starts, json_integer_value(json_object_get(wanted, "slCountStarts")));
    assert_int_equal(got->contexts, json_integer_value(json_object_get(wanted, "slCountBlkCtx")));
    assert_int_equal(got->leads, json_integer_value(json_object_get(wanted, "slCountLeads")));
    assert_int_equal(got->rejected_txs,
                     json_integer_value(json_object_get(wanted, "slRejectedTx")));
    assert_int_equal(got->block_number, json_integer_value(json_object_get(wanted, "slBlockNo")));
    assert_int_equal(got->block_gap, json_integer_value(json_object_get(wanted, "slBlockGap")));
    assert_int_equal(got->mempool_txs, json_integer_value(json_object_get(wanted, "slMempoolTxs")));
    assert_int_equal(got->utxo_size, json_integer_value(json_object_get(wanted, "slUtxoSize")));
    near("density", got->density, json_number_value(json_object_get(wanted, "slDensity")),
         TOLERANCE);
    for (int i = 0; i < 5; i++)
        same_time(phases[i], got->phase_ns[i], json_object_get(wanted, phases[i]));
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        near(resources[i], got->resources[i],
             json_number_value(
                 json_object_get(json_object_get(wanted, "slResources"), resources[i])),
             TOLERANCE);
}

static void test_compat_mode_reproduces_the_slot_records(void **state)
{
    json_t *tree = expected("02-machperf"), *slots = json_object_get(tree, "slots"), *rows;
    struct example x;
    const char *host;

    (void)state;
    run(&x, "02-machperf", two_hosts, true, NULL);
    json_object_foreach(slots, host, rows)
    {
        int i = host[5] - '0';

        assert_int_equal(x.slot_counts[i], json_array_size(rows));
        for (size_t k = 0; k < x.slot_counts[i]; k++)
            same_slot(&x.slots[i][k], json_array_get(rows, k));
    }
    release(&x);
    json_decref(tree);
}

/* node-0, ticks 20 86 90 100 in slots 1..4, then 360 ticks in the four seconds to
 * slot 8 (90 % in slots 5..8, not the 100 % before it), 50 85 99 120 10 95 5. */
static void test_cpu_is_laid_on_the_slots_it_was_used_in(void **state)
{
    static const double wanted[] = { NAN, 20, 86, 90, 100, 90, 90, 90,
                                     90,  50, 85, 99, 120, 10, 95, 5 };
    struct example x;
    double sum = 0;

    (void)state;
    run(&x, "02-machperf", two_hosts, false, NULL);
    assert_int_equal(x.slot_counts[0], 16);
    for (size_t i = 0; i < 16; i++) {
        double got = x.slots[0][i].resources[RESOURCE_CENTI_CPU];

        if (i == 0)
            assert_true(isnan(got));
        else
            near("cpu", got, wanted[i], TOLERANCE);
        sum += i ? wanted[i] : 0;
    }
    assert_int_equal(metric(&x.a, "CentiCpu")->per_host[0].n, 15);
    near("mean", metric(&x.a, "CentiCpu")->per_host[0].mean, sum / 15, TOLERANCE);
    /* 40 MB a second from slot 1 on, 160 MB in four seconds */
    near("alloc", metric(&x.a, "Alloc")->per_host[0].mean, 40, TOLERANCE);
    release(&x);
}

/* Busy: 2-8 (7 slots), 10-12 (3), 14 (1). Epoch slot 3 lies in the first, the
 * reward calculation's slot 3 + 8 = 11 in the second. */
static void test_spans_are_counted_in_slots(void **state)
{
    struct example x;
    const struct metric_result *m;

    (void)state;
    run(&x, "02-machperf", two_hosts, false, NULL);
    m = metric(&x.a, "cdfSpanLensCpu");
    assert_int_equal(m->per_host[0].n, 3);
    near("mean", m->per_host[0].mean, 11.0 / 3, TOLERANCE);
    near("epoch", metric(&x.a, "cdfSpanLensCpuEpoch")->per_host[0].mean, 7, TOLERANCE);
    near("rewards", metric(&x.a, "cdfSpanLensCpuRwd")->per_host[0].mean, 3, TOLERANCE);
    assert_int_equal(m->per_host[1].n, 0); /* node-1 was never busy: no zero in the mean */
    near("cluster", m->over.mean, 11.0 / 3, TOLERANCE);
    release(&x);
}

/* Tip 5 until slot 3, 6 from slot 4, 7 from slot 10: gaps known from slot 4 on. */
static void test_gaps_are_unknown_before_the_first_change_of_tip(void **state)
{
    struct example x;
    const struct metric_result *m;

    (void)state;
    run(&x, "02-machperf", two_hosts, false, NULL);
    assert_int_equal(x.slots[0][3].block_gap, -1);
    assert_int_equal(x.slots[0][4].block_gap, 0);
    assert_int_equal(x.slots[0][9].block_gap, 5);
    assert_int_equal(x.slots[0][10].block_gap, 0);
    m = metric(&x.a, "cdfBlockGap");
    assert_int_equal(m->per_host[0].n, 12);
    near("mean", m->per_host[0].mean, (0 + 1 + 2 + 3 + 4 + 5) * 2 / 12.0, TOLERANCE);
    assert_int_equal(x.a.hosts[0].missed_slots, 2);
    release(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compat_mode_reproduces_the_unfiltered_propagation_example),
        cmocka_unit_test(test_compat_mode_reproduces_the_filtered_propagation_example),
        cmocka_unit_test(test_a_host_in_the_legacy_dialect_changes_no_result),
        cmocka_unit_test(test_samples_of_blocks_can_be_told_apart_by_hosts),
        cmocka_unit_test(test_the_curve_of_arrival_goes_through_the_shares_of_adoption),
        cmocka_unit_test(test_adoption_is_a_share_of_the_cluster_by_default),
        cmocka_unit_test(test_gaps_lie_between_the_instants_of_forging_by_default),
        cmocka_unit_test(test_the_pending_top_block_is_not_held_against_its_forger),
        cmocka_unit_test(test_filters_say_what_each_dropped),
        cmocka_unit_test(test_a_cut_last_line_is_counted_and_placed),
        cmocka_unit_test(test_blocks_without_forger_log_keep_their_observers),
        cmocka_unit_test(test_compat_mode_reproduces_the_machine_performance_example),
        cmocka_unit_test(test_compat_mode_reproduces_the_slot_records),
        cmocka_unit_test(test_cpu_is_laid_on_the_slots_it_was_used_in),
        cmocka_unit_test(test_spans_are_counted_in_slots),
        cmocka_unit_test(test_gaps_are_unknown_before_the_first_change_of_tip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
