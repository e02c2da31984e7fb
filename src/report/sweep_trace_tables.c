/* What tracing did: messages, what they cost the nodes, and how many were lost on their way. */
#include <math.h>

#include "report/builders.h"
#include "report/sweep_cells.h"

#define COLUMNS(columns) (columns), sizeof(columns) / sizeof *(columns)

static bool is_told(const struct sweep_results *r)
{
    for (size_t i = 0; i < r->setting_count; i++)
        if (!isnan(r->traces[i].messages))
            return true;
    return false;
}

static bool has_silent(const struct sweep_results *r)
{
    for (size_t i = 0; i < r->setting_count; i++)
        if (r->traces[i].silent != SIZE_MAX)
            return true;
    return false;
}

static void add_costs(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "setting", .head = "setting" },
        { .id = "messages",
          .head = "messages a run",
          .number = true,
          .hint = "Lines in the logs of all nodes" },
        { .id = "nodeCpu",
          .head = "CPU of nodes, s a run",
          .number = true,
          .hint = "All nodes together, from their start to their end" },
        { .id = "cost",
          .head = "ms per 1,000 messages",
          .number = true,
          .hint =
              "CPU time of nodes beyond that of the silent setting, over the messages beyond it" },
        { .id = "interval", .head = "95 %", .number = true, .hint = "Fieller's, over blocks" },
        { .id = "blocks", .head = "blocks", .number = true, .spare = 1 },
        { .id = "against", .head = "held against", .spare = 2, .said_once = true },
        { .id = "collectorCpu",
          .head = "CPU of the collector, s a run",
          .number = true,
          .hint = "Of a process of its own, which is not in what a message costs the nodes" },
    };
    struct doc_table *t =
        document_table(d, "message-costs", "What messages cost", COLUMNS(columns));

    for (size_t i = 0; i < r->setting_count; i++) {
        const struct sweep_traces *m = &r->traces[i];

        doc_add_text(d, t, r->all[i].label);
        doc_add_number(d, t, m->messages, 0);
        doc_add_number(d, t, m->node_cpu_s, 3);
        doc_add_number(d, t, m->cost_us, 3);
        if (interval_known(m->cost))
            doc_add_interval(d, t, m->cost, 3);
        else
            doc_add_none(d, t);
        if (m->silent == SIZE_MAX) {
            doc_add_none(d, t);
            doc_add_none(d, t);
        } else {
            doc_add_count(d, t, (int64_t)m->pairs);
            doc_add_text(d, t, r->all[m->silent].label);
        }
        doc_add_number(d, t, m->collector_cpu_s, 3);
    }
    if (has_silent(r))
        t->note = "A millisecond per 1,000 messages is a microsecond a message.";
}

static void add_losses(struct document *d, const struct sweep_results *r)
{
    static const struct doc_column columns[] = {
        { .id = "setting", .head = "setting" },
        { .id = "runs", .head = "runs", .number = true },
        { .id = "messages", .head = "messages", .number = true },
        { .id = "unwritten",
          .head = "lost before they were written",
          .number = true,
          .hint = "A ring had no room, or a line could not be written" },
        { .id = "dropped",
          .head = "dropped from queues",
          .number = true,
          .hint = "Of the forwarder, for the collector" },
        { .id = "givenUp",
          .head = "given up by the collector",
          .number = true,
          .hint = "Lines that it could not write" },
    };
    struct doc_table *t =
        document_table(d, "message-losses", "Messages that were lost, by cause", COLUMNS(columns));

    for (size_t i = 0; i < r->setting_count; i++) {
        const struct sweep_traces *m = &r->traces[i];

        doc_add_text(d, t, r->all[i].label);
        doc_add_count(d, t, (int64_t)r->all[i].run_count);
        doc_add_number(d, t, m->messages * (double)r->all[i].run_count, 0);
        doc_add_number(d, t, m->unwritten, 0);
        doc_add_number(d, t, m->dropped, 0);
        doc_add_number(d, t, m->given_up, 0);
    }
    t->note =
        "Of all runs together, as the nodes and the collector themselves tell. What a limiter holds back by "
        "configuration is no loss: the nodes trace its count.";
}

void add_sweep_traces(struct document *d, const struct sweep_results *r)
{
    if (!is_told(r))
        return;
    document_heading(d, 2, "traces-heading", "Messages");
    add_costs(d, r);
    add_losses(d, r);
}
