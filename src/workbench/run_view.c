/* What a person sees of a run while it goes on. */
#include <math.h>
#include <string.h>

#include "base/time.h"
#include "workbench/run_inside.h"

double run_elapsed_s(const struct run *r)
{
    return r->start_ns ? (double)(time_wall_ns() - r->start_ns) / 1e9 : NAN;
}

/* The CPU time of all nodes so far, and the memory of those that run. */
static int64_t usage(struct run *r, uint64_t *ret_rss_bytes)
{
    int64_t cpu_ns = 0;

    *ret_rss_bytes = 0;
    for (size_t i = 0; i < r->node_count; i++) {
        const struct service_facts *facts = run_facts(&r->nodes[i]);

        cpu_ns += facts->cpu_ns;
        *ret_rss_bytes += facts->rss_bytes;
    }
    return cpu_ns;
}

/* When what is known of a service was so. */
static int64_t known_at(const struct service_facts *facts, int64_t now_ns)
{
    return facts->heard_ns ? facts->heard_ns : now_ns;
}

/* Of the nodes, the one that was heard of last. */
static int64_t nodes_known_at(const struct run *r, int64_t now_ns)
{
    int64_t newest_ns = r->node_count > 0 ? 0 : now_ns;

    for (size_t i = 0; i < r->node_count; i++) {
        int64_t at_ns = known_at(run_facts(&r->nodes[i]), now_ns);

        newest_ns = at_ns > newest_ns ? at_ns : newest_ns;
    }
    return newest_ns;
}

/* The newest sample pushes the oldest out. Where nothing was heard since the last one there is none: else what comes after a silence
 * would seem to have happened at once. */
static void add_sample(struct run *r, int64_t cpu_ns, int64_t now_ns)
{
    const struct service_facts *load = run_facts(&r->generator);
    const struct run_sample now = { .at_ns = nodes_known_at(r, now_ns),
                                    .cpu_ns = cpu_ns,
                                    .txs_at_ns = known_at(load, now_ns),
                                    .txs = load->txs_acked };

    if (r->sample_count > 0 && r->samples[r->sample_count - 1].at_ns == now.at_ns)
        return;
    if (r->sample_count == RUN_SAMPLES)
        memmove(r->samples, r->samples + 1, --r->sample_count * sizeof *r->samples);
    r->samples[r->sample_count++] = now;
}

static double rate(double change, int64_t from_ns, int64_t to_ns)
{
    return to_ns > from_ns ? change / ((double)(to_ns - from_ns) / 1e9) : 0;
}

static void fill_rates(const struct run *r, struct run_view *view)
{
    const struct run_sample *from = &r->samples[0], *to = &r->samples[r->sample_count - 1];

    view->tps = rate((double)(to->txs - from->txs), from->txs_at_ns, to->txs_at_ns);
    /* A node that has ended takes its time out of the sum. */
    view->cpu_cores =
        fmax(0, rate((double)(to->cpu_ns - from->cpu_ns) / 1e9, from->at_ns, to->at_ns));
}

static enum run_state state_of(enum run_phase phase)
{
    if (phase <= PHASE_STARTING)
        return RUN_genesis_ready;
    return phase == PHASE_OVER ? RUN_stopped : RUN_running;
}

void run_show(struct run *r)
{
    const struct service_facts *load = run_facts(&r->generator);
    int64_t now_ns = time_monotonic_ns();
    struct run_view view = {
        .state = state_of(r->phase),
        .start_ns = r->start_ns,
        .elapsed_s = run_elapsed_s(r),
        .slot = -1,
        .height_low = run_height_low(r),
        .height_high = run_height_high(r),
        .txs_sent = load->starts > 0 ? (int64_t)load->txs_acked : -1,
        .setup_taken = load->setup_taken,
        .setup_txs = load->setup_txs,
        .nodes_up = (uint32_t)run_nodes_up(r),
        .nodes = (uint32_t)r->node_count,
        .heard_s = (double)(now_ns - nodes_known_at(r, now_ns)) / 1e9,
        .of = r,
    };

    if (view.elapsed_s >= 0 && run_has_chain(r->profile))
        view.slot = (int64_t)(view.elapsed_s / r->profile->slot_s);
    for (size_t i = 0; i < r->node_count; i++)
        view.blocks_forged += (int64_t)run_facts(&r->nodes[i])->blocks_forged;
    add_sample(r, usage(r, &view.rss_bytes), now_ns);
    fill_rates(r, &view);
    if (r->options->show)
        r->options->show(r->options->context, &view);
}

bool run_view_node(const struct run_view *view, size_t i, struct run_view_node *ret)
{
    const struct run_service *node = view->of && i < view->nodes ? &view->of->nodes[i] : NULL;
    const struct service_facts *facts = node ? run_facts(node) : NULL;

    if (!node)
        return false;
    *ret = (struct run_view_node){ .name = node->name,
                                   .is_up = run_service_is_up(view->of, node),
                                   .height = facts->height,
                                   .blocks_forged = facts->blocks_forged,
                                   .rss_bytes = facts->rss_bytes };
    return true;
}
