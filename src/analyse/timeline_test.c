/* Timelines of hosts made by hand, and of random ones against a sum over all
 * their slots at once. */
#include "analyse/timeline.h"

#include <math.h>
#include <stdlib.h>

#include "analyse/events_test.h"

enum { HOSTS_MAX = 4, SLOTS_MAX = 1200 };

struct cluster {
    struct analysis a;
    struct slot_record records[HOSTS_MAX][SLOTS_MAX];
    size_t counts[HOSTS_MAX];
    struct host_timeline timelines[HOSTS_MAX];
};

static void begin(struct cluster *c, uint32_t hosts)
{
    memset(c, 0, sizeof(*c));
    arena_init(&c->a.memory, allocator_libc(), 1 << 24);
    c->a.host_count = hosts;
}

/* A slot in which nothing is known but the CPU usage. */
static struct slot_record *add_slot(struct cluster *c, int host, uint64_t slot, double cpu)
{
    struct slot_record *r = &c->records[host][c->counts[host]++];

    assert_true(c->counts[host] <= SLOTS_MAX);
    *r = (struct slot_record){ .slot = slot, .utxo_size = -1, .mempool_txs = -1 };
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        r->resources[i] = NAN;
    r->resources[RESOURCE_CENTI_CPU] = cpu;
    return r;
}

static void add_slots(struct cluster *c, int host, uint64_t first, uint64_t last, double cpu)
{
    for (uint64_t slot = first; slot <= last; slot++)
        add_slot(c, host, slot, cpu);
}

static void lay_over(struct cluster *c)
{
    for (uint32_t h = 0; h < c->a.host_count; h++) {
        struct slot_fold fold = { .records = c->records[h], .count = c->counts[h] };

        assert_int_equal(host_timeline_of(&fold, &c->timelines[h]), OU_OK);
    }
    assert_int_equal(timeline_fill(&c->a, c->timelines, NULL), OU_OK);
}

static void end(struct cluster *c)
{
    for (uint32_t h = 0; h < c->a.host_count; h++)
        host_timeline_release(&c->timelines[h]);
    arena_release(&c->a.memory);
}

static const struct cluster_bin *line(const struct cluster *c, const char *id)
{
    for (size_t i = 0; i < c->a.timeline.line_count; i++)
        if (strcmp(c->a.timeline.lines[i].info->id, id) == 0)
            return c->a.timeline.lines[i].bins;
    fail_msg("no line %s", id);
    return NULL;
}

static void assert_bin(const struct cluster_bin *bin, double mean, double min, double max)
{
    assert_near(bin->mean, mean, 1e-12);
    assert_near(bin->min, min, 1e-12);
    assert_near(bin->max, max, 1e-12);
}

/* --- By hand ---------------------------------------------------------------- */

static void test_up_to_240_slots_have_a_bin_each(void **state)
{
    static struct cluster c;

    (void)state;
    begin(&c, 1);
    add_slots(&c, 0, 17, 256, 50);
    c.records[0][3].resources[RESOURCE_CENTI_CPU] = 90;
    c.records[0][4].filtered_out = true; /* it happened, nevertheless */
    lay_over(&c);
    assert_int_equal(c.a.timeline.first_slot, 17);
    assert_int_equal(c.a.timeline.slots_per_bin, 1);
    assert_int_equal(c.a.timeline.bins, 240);
    assert_int_equal(c.a.timeline.line_count, 1); /* nothing else was measured */
    assert_bin(&line(&c, "CentiCpu")[3], 90, 90, 90);
    assert_bin(&line(&c, "CentiCpu")[4], 50, 50, 50);
    end(&c);
}

/* Slots 17 to 257: bins of two, from 16 on; 17 is alone in its bin. */
static void test_one_slot_more_doubles_the_width(void **state)
{
    static struct cluster c;

    (void)state;
    begin(&c, 1);
    add_slots(&c, 0, 17, 257, 10);
    c.records[0][1].resources[RESOURCE_CENTI_CPU] = 20; /* 18, with 19 */
    lay_over(&c);
    assert_int_equal(c.a.timeline.first_slot, 16);
    assert_int_equal(c.a.timeline.slots_per_bin, 2);
    assert_int_equal(c.a.timeline.bins, 121);
    assert_bin(&line(&c, "CentiCpu")[0], 10, 10, 10);
    assert_bin(&line(&c, "CentiCpu")[1], 15, 15, 15);
    end(&c);
}

/* However many samples a host has in a bin, it counts as one. */
static void test_each_host_counts_alike(void **state)
{
    static struct cluster c;

    (void)state;
    begin(&c, 3);
    add_slots(&c, 0, 0, 479, 10);
    add_slot(&c, 1, 0, 70);
    add_slot(&c, 2, 1, NAN);
    lay_over(&c);
    assert_int_equal(c.a.timeline.slots_per_bin, 2);
    assert_bin(&line(&c, "CentiCpu")[0], 40, 10, 70);
    assert_bin(&line(&c, "CentiCpu")[1], 10, 10, 10);
    end(&c);
}

/* Slots of a clock that is decades ahead; nothing is said of hosts that are a day apart. */
static void test_a_host_far_from_all_others_leaves_them_their_bins(void **state)
{
    static struct cluster c;

    (void)state;
    begin(&c, 4);
    add_slots(&c, 0, 0, 199, 10);
    add_slots(&c, 1, 0, 199, 30);
    add_slots(&c, 2, 0, 199, 90);
    add_slot(&c, 2, UINT64_C(1) << 62, 90);
    add_slot(&c, 3, UINT64_C(1) << 62, 90);
    lay_over(&c); /* two of four are not most: nobody is left out */
    assert_int_equal(c.a.timeline.slots_per_bin, UINT64_C(1) << 55);
    host_timeline_release(&c.timelines[3]);
    c.counts[3] = 0;
    add_slots(&c, 3, 86000, 86199, 50);
    for (int h = 0; h < 3; h++)
        host_timeline_release(&c.timelines[h]);
    lay_over(&c);
    assert_int_equal(c.a.timeline.slots_per_bin, 512);
    assert_int_equal(c.a.timeline.bins, 169);
    assert_bin(&line(&c, "CentiCpu")[0], 20, 10, 30);
    assert_bin(&line(&c, "CentiCpu")[168], 50, 50, 50);
    end(&c);
}

/* 100 slots at the beginning and 100 at the end: together they are 1000 long. */
static void test_hosts_of_different_times_share_the_bins(void **state)
{
    static struct cluster c;
    const struct cluster_bin *cpu;

    (void)state;
    begin(&c, 2);
    add_slots(&c, 0, 0, 99, 10);
    add_slots(&c, 1, 900, 999, 20);
    lay_over(&c);
    assert_int_equal(c.a.timeline.slots_per_bin, 8);
    assert_int_equal(c.a.timeline.bins, 125);
    cpu = line(&c, "CentiCpu");
    assert_bin(&cpu[12], 10, 10, 10); /* 96..103 */
    assert_true(isnan(cpu[13].mean) && isnan(cpu[13].min) && isnan(cpu[13].max));
    assert_bin(&cpu[124], 20, 20, 20);
    end(&c);
}

static void test_ledger_and_mempool_have_lines(void **state)
{
    static struct cluster c;

    (void)state;
    begin(&c, 1);
    add_slot(&c, 0, 5, NAN)->utxo_size = 4000000;
    add_slot(&c, 0, 6, NAN)->mempool_txs = 0; /* known to be none */
    lay_over(&c);
    assert_int_equal(c.a.timeline.line_count, 2);
    assert_bin(&line(&c, "cdfUtxo")[0], 4e6, 4e6, 4e6);
    assert_true(isnan(line(&c, "cdfUtxo")[1].mean));
    assert_bin(&line(&c, "mempoolTxs")[1], 0, 0, 0);
    end(&c);
}

static void test_no_slots_have_no_timeline(void **state)
{
    static struct cluster c;

    (void)state;
    begin(&c, 2);
    lay_over(&c);
    assert_int_equal(c.a.timeline.bins, 0);
    assert_int_equal(c.a.timeline.line_count, 0);
    end(&c);
    begin(&c, 0);
    lay_over(&c);
    assert_int_equal(c.a.timeline.bins, 0);
    end(&c);
}

/* --- Against a sum over all slots -------------------------------------------- */

static void check_bin(const struct cluster *c, size_t at)
{
    const struct cluster_timeline *t = &c->a.timeline;
    uint64_t first = t->first_slot + at * t->slots_per_bin;
    struct cluster_bin wanted = { 0, INFINITY, -INFINITY };
    int hosts = 0;

    for (uint32_t h = 0; h < c->a.host_count; h++) {
        double sum = 0;
        size_t n = 0;

        for (size_t i = 0; i < c->counts[h]; i++) {
            const struct slot_record *r = &c->records[h][i];

            if (r->slot < first || r->slot >= first + t->slots_per_bin)
                continue;
            sum += r->resources[RESOURCE_CENTI_CPU];
            n++;
        }
        if (n == 0)
            continue;
        hosts++;
        wanted.mean += sum / (double)n;
        wanted.min = fmin(wanted.min, sum / (double)n);
        wanted.max = fmax(wanted.max, sum / (double)n);
    }
    if (hosts == 0)
        assert_true(isnan(line(c, "CentiCpu")[at].mean));
    else
        assert_bin(&line(c, "CentiCpu")[at], wanted.mean / hosts, wanted.min, wanted.max);
}

static void test_random_clusters_add_up(void **state)
{
    static struct cluster c;
    unsigned seed = 6;

    (void)state;
    for (int round = 0; round < 200; round++) {
        begin(&c, 1 + (uint32_t)(rand_r(&seed) % HOSTS_MAX));
        for (uint32_t h = 0; h < c.a.host_count; h++) {
            uint64_t slot = (uint64_t)(rand_r(&seed) % 5000);
            int count = rand_r(&seed) % SLOTS_MAX;

            for (int i = 0; i < count; i++, slot += 1 + (uint64_t)(rand_r(&seed) % 3))
                add_slot(&c, (int)h, slot, rand_r(&seed) % 400);
        }
        lay_over(&c);
        assert_true(c.a.timeline.bins <= TIMELINE_BINS_MAX);
        assert_true(c.a.timeline.first_slot % c.a.timeline.slots_per_bin == 0);
        for (size_t i = 0; i < c.a.timeline.bins; i++)
            check_bin(&c, i);
        end(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_up_to_240_slots_have_a_bin_each),
        cmocka_unit_test(test_one_slot_more_doubles_the_width),
        cmocka_unit_test(test_each_host_counts_alike),
        cmocka_unit_test(test_a_host_far_from_all_others_leaves_them_their_bins),
        cmocka_unit_test(test_hosts_of_different_times_share_the_bins),
        cmocka_unit_test(test_ledger_and_mempool_have_lines),
        cmocka_unit_test(test_no_slots_have_no_timeline),
        cmocka_unit_test(test_random_clusters_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
