#include <stdio.h>

#include "json/members.h"
#include "report/analysis_json_parts.h"

/* --- Over time ------------------------------------------------------------- */

static void write_bins(struct json_writer *w, const char *key, const struct cluster_bin *bins,
                       size_t count, size_t at)
{
    json_key(w, key);
    json_begin_array_inline(w);
    for (size_t i = 0; i < count; i++) {
        double value;

        memcpy(&value, (const char *)&bins[i] + at, sizeof value);
        json_rounded(w, value);
    }
    json_end(w);
}

static void write_line(struct json_writer *w, const struct cluster_line *line, size_t bins)
{
    char name[64];

    snprintf(name, sizeof name, "%s/%s", section_name(line->info->section), line->info->id);
    json_key(w, name);
    json_begin_object(w);
    write_bins(w, "mean", line->bins, bins, offsetof(struct cluster_bin, mean));
    write_bins(w, "min", line->bins, bins, offsetof(struct cluster_bin, min));
    write_bins(w, "max", line->bins, bins, offsetof(struct cluster_bin, max));
    json_end(w);
}

void analysis_json_timeline(struct json_writer *w, const struct analysis *a)
{
    const struct cluster_timeline *t = &a->timeline;

    json_key(w, "timeline");
    if (t->bins == 0) {
        json_none(w);
        return;
    }
    json_begin_object(w);
    json_member_count(w, "firstSlot", t->first_slot);
    json_member_count(w, "slotsPerBin", t->slots_per_bin);
    json_member_count(w, "epochSlots", a->genesis.epoch_slots);
    json_member_seconds(w, "slotSeconds", a->genesis.slot_ns);
    json_member_count(w, "bins", t->bins);
    json_key(w, "metrics");
    json_begin_object(w);
    for (size_t i = 0; i < t->line_count; i++)
        write_line(w, &t->lines[i], t->bins);
    json_end(w);
    json_end(w);
}

/* --- Over the cluster --------------------------------------------------------- */

static double share_of(const struct analysis *a, uint32_t hosts)
{
    return (double)hosts / a->cluster_size;
}

static void write_curve(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "curve");
    json_begin_array(w);
    for (size_t i = 0; i < a->arrival.point_count; i++) {
        const struct adoption_share *p = &a->arrival.curve[i];

        json_begin_array_inline(w);
        json_rounded(w, share_of(a, p->hosts));
        json_rounded(w, p->p05_s);
        json_rounded(w, p->p50_s);
        json_rounded(w, p->p95_s);
        json_end(w);
    }
    json_end(w);
}

static void write_bound(struct json_writer *w, const struct analysis *a)
{
    const struct arrival_bound *bound = &a->arrival.bound;

    json_key(w, "bound");
    if (!bound->assumptions) {
        json_none(w);
        return;
    }
    json_begin_object(w);
    json_key(w, "curve");
    json_begin_array(w);
    for (size_t i = 0; i < bound->point_count; i++) {
        json_begin_array_inline(w);
        json_rounded(w, share_of(a, bound->curve[i].hosts));
        json_rounded(w, bound->curve[i].median_s);
        json_end(w);
    }
    json_end(w);
    json_key(w, "means");
    json_begin_array_inline(w);
    for (size_t i = 0; i < bound->point_count; i++)
        json_rounded(w, bound->curve[i].mean_s);
    json_end(w);
    json_key(w, "efficiency");
    json_rounded(w, bound->efficiency);
    json_key(w, "blockBytes");
    json_rounded(w, bound->block_bytes);
    json_member_count(w, "blocks", bound->blocks);
    json_member_count(w, "links", bound->links);
    json_member_string(w, "assumptions", bound->assumptions);
    json_end(w);
}

void analysis_json_arrival(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "arrival");
    json_begin_object(w);
    json_member_count(w, "hosts", a->cluster_size);
    json_member_count(w, "blocks", a->arrival.blocks);
    write_curve(w, a);
    write_bound(w, a);
    json_end(w);
}
