#include <stdio.h>

#include "analyse/block_metrics.h"
#include "json/members.h"
#include "report/analysis_json_parts.h"
#include "report/tables.h"

static void write_answers(struct json_writer *w, const char *key, const struct analysis *a,
                          const struct chain_block *b, enum filter_answer answer)
{
    json_key(w, key);
    json_begin_array_inline(w);
    for (size_t i = 0; b->fate == BLOCK_CHAINED && i < a->filter_count; i++) {
        if (b->answers[i] == answer)
            json_cstring(w, a->filters[i].name);
    }
    json_end(w);
}

static void write_adoption(struct json_writer *w, const struct chain_block *b)
{
    json_key(w, "adoption");
    json_begin_array_inline(w);
    for (int i = 0; i < ADOPTION_FRACTIONS; i++)
        json_seconds(w, b->adoption_ns[i]);
    json_end(w);
}

/* The metrics of blocks that this analysis has a distribution of. */
struct block_values {
    const struct block_metric *metrics[BLOCK_METRICS_MAX];
    size_t count;
};

static struct block_values block_values_of(const struct analysis *a)
{
    struct block_values values = { .count = 0 };

    for (size_t i = 0; i < block_metric_count(); i++) {
        const struct block_metric *metric = block_metric_row(i);
        const struct metric_result *m = analysis_metric(a, metric->section, metric->id);

        if (m && m->kind == METRIC_DISTRIBUTION && m->over.n > 0)
            values.metrics[values.count++] = metric;
    }
    return values;
}

static void write_block_metrics(struct json_writer *w, const struct block_values *values)
{
    json_key(w, "blockMetrics");
    json_begin_array_inline(w);
    for (size_t i = 0; i < values->count; i++) {
        const struct block_metric *metric = values->metrics[i];
        char name[64];

        snprintf(name, sizeof name, "%s/%s", section_name(metric->section), metric->id);
        json_cstring(w, name);
    }
    json_end(w);
}

static void write_values(struct json_writer *w, const struct block_values *values,
                         const struct chain_block *b)
{
    json_key(w, "values");
    json_begin_array_inline(w);
    for (size_t i = 0; i < values->count; i++)
        json_double(w, block_metric_value(values->metrics[i], b));
    json_end(w);
}

static void write_block(struct json_writer *w, const struct analysis *a,
                        const struct block_values *values, const struct chain_block *b)
{
    json_begin_object_inline(w);
    json_member_known_count(w, "number", b->number);
    json_member_known_count(w, "slot", b->slot);
    json_member_string(w, "hash", b->hash);
    json_member_string(w, "parent", b->parent);
    json_member_string(w, "fate", block_fate_name(b->fate));
    json_key(w, "accepted");
    if (b->fate == BLOCK_CHAINED)
        json_bool(w, b->accepted);
    else
        json_none(w);
    write_answers(w, "failed", a, b, FILTER_NO);
    write_answers(w, "undecided", a, b, FILTER_UNKNOWN);
    json_member_string(w, "forger", analysis_json_host(a, b->forger));
    json_member_known_count(w, "size", b->size_bytes);
    json_member_instant(w, "slotStart", b->slot_start_ns);
    json_member_instant(w, "forgedAt", b->forged_at_ns);
    json_member_seconds(w, "gap", b->block_gap_ns);
    json_member_seconds(w, "announced", b->forger_delta_ns[FORGER_ANNOUNCED_CUM]);
    json_member_count(w, "battles", b->battles);
    json_member_count(w, "observers", b->observation_count);
    json_member_count(w, "validObservers", b->valid_observations);
    json_member_count(w, "adopters", b->adopters);
    write_adoption(w, b);
    if (block_metric_counts(b))
        write_values(w, values, b);
    json_end(w);
}

static void write_blocks(struct json_writer *w, const struct analysis *a)
{
    struct block_values values = block_values_of(a);

    json_key(w, "adoptionFractions");
    json_begin_array_inline(w);
    for (int i = 0; i < ADOPTION_FRACTIONS; i++)
        json_double(w, adoption_fractions[i]);
    json_end(w);
    write_block_metrics(w, &values);
    json_key(w, "blocks");
    json_begin_array(w);
    for (size_t i = 0; i < a->block_count; i++)
        write_block(w, a, &values, &a->blocks[i]);
    json_end(w);
}

static void write_range(struct json_writer *w, const char *key, const int64_t range[2])
{
    json_key(w, key);
    if (range[0] < 0) {
        json_none(w);
        return;
    }
    json_begin_array_inline(w);
    json_int(w, range[0]);
    json_int(w, range[1]);
    json_end(w);
}

void analysis_json_chain(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "chain");
    json_begin_object(w);
    json_member_count(w, "clusterSize", a->cluster_size);
    json_member_bool(w, "partialView", a->partial_view);
    json_member_count(w, "chained", a->chained_count);
    json_member_count(w, "accepted", a->accepted_count);
    json_member_count(w, "rejected", a->chained_count - a->accepted_count);
    json_member_count(w, "unchained", a->unchained_count);
    json_member_count(w, "pending", a->pending_count);
    json_member_count(w, "withoutForger", a->forgerless_count);
    json_member_count(w, "missingHeights", a->missing_heights);
    write_range(w, "slots", a->slots_raw);
    write_range(w, "acceptedSlots", a->slots_filtered);
    write_range(w, "numbers", a->blocks_raw);
    write_range(w, "acceptedNumbers", a->blocks_filtered);
    write_blocks(w, a);
    json_end(w);
}

void analysis_json_filters(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "filters");
    json_begin_array(w);
    for (size_t i = 0; i < a->filter_count; i++) {
        const struct filter_result *f = &a->filters[i];

        json_begin_object_inline(w);
        json_member_string(w, "name", f->name);
        json_member_string(w, "set", f->set);
        json_member_string(w, "of", f->for_slots ? "slots" : "blocks");
        json_member_count(w, "blocksDropped", f->blocks_dropped);
        json_member_count(w, "blocksUndecided", f->blocks_undecided);
        json_member_known_count(w, "slotsDropped", f->for_slots ? (int64_t)f->slots_dropped : -1);
        json_end(w);
    }
    json_end(w);
}
