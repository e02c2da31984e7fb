#include "analyse/findings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"

#define FINDINGS_MAX 100000
#define TEXT_MAX 2048

/* Thresholds. A host that says nothing for so long, or stops so long before the
 * others, is reported. */
#define GAP_NS (60 * NS_PER_SECOND)
#define SILENT_NS (120 * NS_PER_SECOND) /* the workbench's own expectation */
#define COARSE_OBJECTS_MIN 20
#define BACKSTEP_NS NS_PER_SECOND
#define WRONG_GENESIS_NS (600 * NS_PER_SECOND)

struct telling {
    struct analysis *a;
    size_t cap;
    bool failed;
    int64_t begin_ns, end_ns; /* first and last line of all hosts */
};

__attribute__((format(printf, 6, 7))) static void tell(struct telling *t,
                                                       enum finding_severity severity,
                                                       const char *code, uint32_t host,
                                                       uint64_t count, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;
    struct finding *f;

    if (t->a->finding_count == t->cap) {
        t->failed |= t->cap < FINDINGS_MAX;
        return;
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    f = &t->a->findings[t->a->finding_count];
    *f = (struct finding){ severity, code, host, count,
                           arena_copy(&t->a->memory, text, strlen(text)) };
    if (f->text)
        t->a->finding_count++;
    else
        t->failed = true;
}

/* "12.3 s", "45.0 ms" or "20.5 days". */
struct shown {
    char text[64];
};

static struct shown duration(int64_t ns)
{
    static const struct {
        double up_to_s, per_s;
        const char *name;
    } units[] = { { 1, 1e3, "ms" },
                  { 600, 1, "s" },
                  { 2 * 3600, 1.0 / 60, "min" },
                  { 2 * 86400, 1.0 / 3600, "h" },
                  { INFINITY, 1.0 / 86400, "days" } };
    double seconds = (double)ns / NS_PER_SECOND;
    struct shown s;
    int i = 0;

    while (fabs(seconds) >= units[i].up_to_s)
        i++;
    snprintf(s.text, sizeof(s.text), "%.1f %s", seconds * units[i].per_s, units[i].name);
    return s;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static const char *are(uint64_t count)
{
    return count == 1 ? "is" : "are";
}

static struct shown instant(int64_t ns)
{
    char iso[TIME_ISO_ROOM];
    struct shown s;

    time_format_iso(ns, iso);
    snprintf(s.text, sizeof(s.text), "%.30s", iso);
    return s;
}

/* --- Reading ------------------------------------------------------------- */

struct content {
    const struct file_read_result *file;
    const struct file_read_result **same_as; /* where to put the first file like it */
};

static int by_content(const void *a, const void *b)
{
    const struct content *x = a, *y = b;
    int order = strcmp(x->file->checksum, y->file->checksum);

    if (order)
        return order;
    if (x->file->bytes != y->file->bytes)
        return x->file->bytes < y->file->bytes ? -1 : 1;
    return (x->file > y->file) - (x->file < y->file);
}

/* For each file the first one of the same content, NULL for none; the caller
 * frees it. NULL: no memory. */
static const struct file_read_result **same_files(const struct analysis *a)
{
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers is what is wanted */
    const struct file_read_result **same = calloc(a->file_count + 1, sizeof(*same));
    struct content *contents = calloc(a->file_count + 1, sizeof(*contents));
    const struct content *first = contents;

    if (!same || !contents) {
        free(same);
        free(contents);
        return NULL;
    }
    for (size_t i = 0; i < a->file_count; i++)
        contents[i] = (struct content){ &a->files[i], &same[i] };
    qsort(contents, a->file_count, sizeof(*contents), by_content);
    for (const struct content *c = contents; c < contents + a->file_count; c++) {
        if (strcmp(c->file->checksum, first->file->checksum) != 0 ||
            c->file->bytes != first->file->bytes)
            first = c;
        if (c != first && c->file->lines)
            *c->same_as = first->file;
    }
    free(contents);
    return same;
}

static void about_file(struct telling *t, const struct file_read_result *f,
                       const struct file_read_result *same_as, bool shrank)
{
    if (f->problem)
        tell(t, FINDING_ERROR, "file-problem", NO_HOST, 1,
             "%s: %s; what came before, %llu line%s, was analysed", f->path, f->problem,
             (unsigned long long)f->lines, plural(f->lines));
    if (shrank)
        tell(t, FINDING_WARNING, "file-shrank", NO_HOST, 1,
             "%s became shorter while it was read: its end is missing", f->path);
    if (same_as)
        tell(t, FINDING_WARNING, "same-content", NO_HOST, f->lines,
             "%s and %s have the same content: its lines count twice; leave one out", same_as->path,
             f->path);
}

static void about_files(struct telling *t, const struct findings_input *input)
{
    const struct file_read_result **same = same_files(t->a);

    t->failed |= !same;
    for (size_t i = 0; same && i < t->a->file_count; i++)
        about_file(t, &t->a->files[i], same[i], input->shrank && input->shrank[i]);
    free(same);
    if (input->skipped_links)
        tell(t, FINDING_NOTE, "links-skipped", NO_HOST, input->skipped_links,
             "%llu further name%s of files that were read already (links) passed over",
             (unsigned long long)input->skipped_links, plural(input->skipped_links));
    if (input->other_forms)
        tell(t, FINDING_NOTE, "other-forms", NO_HOST, input->other_forms,
             "%llu file%s of a collector passed over: %s beside others with the same messages in a "
             "form that says more",
             (unsigned long long)input->other_forms, plural(input->other_forms),
             input->other_forms == 1 ? "it lies" : "they lie");
    if (input->names_lost)
        tell(
            t, FINDING_WARNING, "too-many-names", NO_HOST, input->names_lost,
            "%llu line%s with names that found no room in the table of names: is this a node's log?",
            (unsigned long long)input->names_lost, plural(input->names_lost));
}

static void about_rts(struct telling *t, const struct rts_host *h)
{
    if (h->problem)
        tell(t, FINDING_WARNING, "rts-unreadable", NO_HOST, 1,
             "statistics of a GHC run-time system were not read: %s", h->problem);
    else if (!h->stats.is_whole)
        tell(t, FINDING_NOTE, "rts-cut", NO_HOST, h->stats.pause_count,
             "%s has no summary: the program did not come to its end; what its lines tell is "
             "counted",
             h->path);
    if (h->stats.pauses_dropped)
        tell(t, FINDING_NOTE, "rts-pauses", NO_HOST, h->stats.pauses_dropped,
             "%s: the lengths of the last %llu collections are left out of the distribution",
             h->path, (unsigned long long)h->stats.pauses_dropped);
}

static void about_rejects(struct telling *t)
{
    for (size_t i = 0; i < t->a->reject_count; i++) {
        const struct reject_count *r = &t->a->rejects[i];

        if (!r->expected)
            tell(t, FINDING_WARNING, "not-understood", NO_HOST, r->lines,
                 "%llu line%s not understood: %s (first: %s:%llu)", (unsigned long long)r->lines,
                 plural(r->lines), r->reason, r->first_path, (unsigned long long)r->first_line);
    }
}

/* A stamp in the middle of a log is not the run's beginning or end, however
 * early or late it is: hosts are not late because of one wild line. */
static void find_ends(struct telling *t)
{
    t->begin_ns = t->end_ns = TIME_NONE;
    for (uint32_t i = 0; i < t->a->host_count; i++) {
        const struct host_result *h = &t->a->hosts[i];

        if (h->first_ns == TIME_NONE)
            continue;
        if (t->begin_ns == TIME_NONE || h->first_in_file_ns < t->begin_ns)
            t->begin_ns = h->first_in_file_ns;
        if (h->last_in_file_ns > t->end_ns)
            t->end_ns = h->last_in_file_ns;
    }
}

/* --- Hosts --------------------------------------------------------------- */

static void about_host_lines(struct telling *t, uint32_t i)
{
    const struct host_result *h = &t->a->hosts[i];

    if (h->objects == 0)
        tell(t, FINDING_WARNING, "host-empty", i, h->lines,
             "%s: none of its %llu lines is an event that the analysis reads", h->name,
             (unsigned long long)h->lines);
    if (h->duplicate_lines)
        tell(t, FINDING_WARNING, "duplicate-lines", i, h->duplicate_lines,
             "%s: %llu line%s the same, byte for byte, as the line before", h->name,
             (unsigned long long)h->duplicate_lines, plural(h->duplicate_lines));
    if (h->coarse_stamps && h->objects >= COARSE_OBJECTS_MIN)
        tell(t, FINDING_NOTE, "coarse-stamps", i, h->objects,
             "%s: its stamps have steps of 10 ms, as the legacy tracing writes them: its shorter "
             "delays read as 0 or 10 ms",
             h->name);
    if (h->out_of_order)
        tell(
            t, h->worst_backstep_ns >= BACKSTEP_NS ? FINDING_WARNING : FINDING_NOTE, "out-of-order",
            i, h->out_of_order,
            "%s: %llu line%s %s stamped earlier than a line before, by %s at most; lines are taken "
            "in file order",
            h->name, (unsigned long long)h->out_of_order, plural(h->out_of_order),
            are(h->out_of_order), duration(h->worst_backstep_ns).text);
    if (h->longest_gap_ns != TIME_NONE && h->longest_gap_ns >= GAP_NS)
        tell(t, FINDING_WARNING, "time-gap", i, 1, "%s: no line for %s from %s on", h->name,
             duration(h->longest_gap_ns).text, instant(h->longest_gap_at_ns).text);
    if (h->last_ns != TIME_NONE && t->end_ns - h->last_ns >= SILENT_NS)
        tell(t, FINDING_WARNING, "host-silent", i, 1,
             "%s fell silent %s before the others: its last line is of %s", h->name,
             duration(t->end_ns - h->last_ns).text, instant(h->last_ns).text);
    if (h->first_ns != TIME_NONE && h->first_ns - t->begin_ns >= SILENT_NS)
        tell(t, FINDING_WARNING, "host-late", i, 1,
             "%s began %s after the first: its first line is of %s", h->name,
             duration(h->first_ns - t->begin_ns).text, instant(h->first_ns).text);
    if (h->repeated_events)
        tell(t, FINDING_NOTE, "repeated-adoptions", i, h->repeated_events,
             "%s: %llu block%s adopted again; the first adoption counts", h->name,
             (unsigned long long)h->repeated_events, plural(h->repeated_events));
}

static void about_host_losses(struct telling *t, uint32_t i)
{
    const struct host_result *h = &t->a->hosts[i];
    uint64_t lost;

    if (__builtin_add_overflow(h->lost.unwritten, h->lost.dropped, &lost))
        lost = UINT64_MAX;
    if (h->lost.told)
        tell(t, FINDING_WARNING, "trace-loss", i, lost,
             "%s: %llu message%s of this host %s dropped before they reached its log or its "
             "collector (told %llu time%s): what seems not to have happened may have",
             h->name, (unsigned long long)lost, plural(lost), lost == 1 ? "was" : "were",
             (unsigned long long)h->lost.told, plural(h->lost.told));
}

static void about_host_slots(struct telling *t, const struct findings_input *input, uint32_t i)
{
    const struct host_result *h = &t->a->hosts[i];

    if (h->missed_slots)
        tell(t, FINDING_NOTE, "missed-slots", i, h->missed_slots,
             "%s: %llu of %llu slots without a leadership check", h->name,
             (unsigned long long)h->missed_slots, (unsigned long long)h->slots);
    if (h->silent_slots)
        tell(t, FINDING_WARNING, "silent-slots", i, h->silent_slots,
             "%s: no sign of %llu slots in stretches of 1000 and more; they are not counted as "
             "missed",
             h->name, (unsigned long long)h->silent_slots);
    if (h->process.failures)
        tell(t, FINDING_WARNING, "process-failed", i, h->process.failures,
             "%s: its program failed %u time%s of %u that it ended: what it used until then is "
             "counted",
             h->name, h->process.failures, plural(h->process.failures), h->process.ends);
    if (h->counter_resets)
        tell(t, FINDING_WARNING, "restart", i, h->counter_resets,
             "%s: its resource counters went back %llu time%s: the process was restarted", h->name,
             (unsigned long long)h->counter_resets, plural(h->counter_resets));
    if (input->wild_stamps[i])
        tell(
            t, FINDING_WARNING, "wild-stamp", i, input->wild_stamps[i],
            "%s: %llu event%s far ahead in time of all others around, left out of the slot records",
            h->name, (unsigned long long)input->wild_stamps[i], plural(input->wild_stamps[i]));
    if (input->early_events[i])
        tell(t, FINDING_NOTE, "early-events", i, input->early_events[i],
             "%s: %llu event%s of slots without a record: before its first one, long before the "
             "start of the chain (%s), or in a silent stretch",
             h->name, (unsigned long long)input->early_events[i], plural(input->early_events[i]),
             instant(t->a->genesis.system_start_ns).text);
    if (input->lost_events[i])
        tell(t, FINDING_ERROR, "events-lost", i, input->lost_events[i],
             "%s: %llu event%s found no room (a limit or the memory was reached)", h->name,
             (unsigned long long)input->lost_events[i], plural(input->lost_events[i]));
    if (input->ambiguous_hashes[i])
        tell(t, FINDING_WARNING, "ambiguous-hash", i, input->ambiguous_hashes[i],
             "%s: %llu shortened block hashes fit several blocks; raise the detail level of "
             "ChainDB to DNormal",
             h->name, (unsigned long long)input->ambiguous_hashes[i]);
    if (h->clock_offset_ns != TIME_NONE)
        tell(t, FINDING_WARNING, "clock-suspect", i, 1,
             "%s: its clock seems to be %s %s %s; delays that involve it are off by that "
             "much",
             h->name, duration(llabs(h->clock_offset_ns)).text,
             h->clock_offset_ns > 0 ? "ahead of" : "behind",
             t->a->host_count > 1 ? "the others'" : "the slots");
}

/* --- Blocks -------------------------------------------------------------- */

struct phase_counts {
    uint64_t observations, negative, missing[OBSERVER_PHASES];
    uint64_t strays, forged_twice, unplaced, no_size, far_off, timed;
    uint64_t forger[2]; /* blocks whose forger traced that it announced, and sent, them */
};

static struct phase_counts count_phases(const struct analysis *a)
{
    struct phase_counts c = { 0 };

    for (size_t i = 0; i < a->block_count; i++) {
        const struct chain_block *block = &a->blocks[i];

        c.strays += block->stray_records;
        c.forged_twice += block->duplicate_forges;
        c.unplaced += block->number < 0;
        c.no_size += block->fate == BLOCK_CHAINED && block->size_bytes < 0;
        c.negative += (uint64_t)__builtin_popcount(block->forger_negative);
        c.forger[0] += block->forger_delta_ns[FORGER_ANNOUNCED] != TIME_NONE;
        c.forger[1] += block->forger_delta_ns[FORGER_SENDING] != TIME_NONE;
        for (uint32_t k = 0; k < block->observation_count; k++) {
            const struct block_observation *o = &block->observations[k];
            int64_t noticed = o->delta_ns[OBSERVER_NOTICED];

            c.timed += noticed != TIME_NONE;
            c.far_off += noticed != TIME_NONE && llabs(noticed) > WRONG_GENESIS_NS;
            if (block->fate != BLOCK_CHAINED)
                continue;
            c.observations++;
            c.negative += (uint64_t)__builtin_popcount(o->negative & ~(1u << OBSERVER_ANNOUNCED));
            for (int p = 0; p < OBSERVER_PHASES; p++)
                c.missing[p] += o->missing >> p & 1;
        }
    }
    return c;
}

/* Whether nobody traced the phase, rather than had no occasion for it: who is last to have a block
 * announces and sends it to nobody, but then its forger has. Whoever catches up has nobody behind. */
static bool is_untraced(const struct analysis *a, const struct phase_counts *c,
                        enum observer_phase phase)
{
    if (run_context_follows_chain(a->context) &&
        (phase == OBSERVER_ANNOUNCED || phase == OBSERVER_SENDING))
        return false;
    return c->missing[phase] == c->observations && !(phase == OBSERVER_ANNOUNCED && c->forger[0]) &&
           !(phase == OBSERVER_SENDING && c->forger[1]);
}

static void about_missing_phases(struct telling *t, const struct phase_counts *c)
{
    static const struct {
        enum observer_phase phase;
        const char *code, *what, *ns;
    } rows[] = {
        { OBSERVER_NOTICED, "no-headers", "header", "ChainSync.Client.DownloadedHeader" },
        { OBSERVER_REQUESTED, "no-requests", "body request", "BlockFetch.Client.SendFetchRequest" },
        { OBSERVER_FETCHED, "no-bodies", "completed body",
          "BlockFetch.Client.CompletedBlockFetch" },
        { OBSERVER_ANNOUNCED, "no-announcements", "announcement", "ChainSync.ServerHeader.Update" },
        { OBSERVER_SENDING, "no-transmissions", "body transmission",
          "BlockFetch.Server.SendBlock" },
        { OBSERVER_ADOPTED, "no-adoptions", "adoption",
          "ChainDB.AddBlockEvent.AddedToCurrentChain" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        uint64_t missing = c->missing[rows[i].phase];
        bool untraced = is_untraced(t->a, c, rows[i].phase);

        if (missing == 0)
            continue;
        tell(t, untraced ? FINDING_WARNING : FINDING_NOTE, rows[i].code, NO_HOST, missing,
             "%llu of %llu observations of blocks on the chain have no %s%s%s",
             (unsigned long long)missing, (unsigned long long)c->observations, rows[i].what,
             untraced ? "; is it traced? It is namespace " : "", untraced ? rows[i].ns : "");
    }
}

static void about_chain(struct telling *t)
{
    const struct analysis *a = t->a;
    struct phase_counts c = count_phases(a);

    if (c.timed && c.far_off * 2 > c.timed && !run_context_follows_chain(a->context))
        tell(t, FINDING_ERROR, "wrong-genesis", NO_HOST, c.far_off,
             "most headers arrive more than ten minutes away from their slots: these logs are of "
             "another network than %s (system start %s), or of a node that is catching up",
             a->genesis_source, instant(a->genesis.system_start_ns).text);
    if (a->genesis.is_chainless)
        return;
    if (a->chained_count == 0)
        tell(t, FINDING_ERROR, "no-chain", NO_HOST, 0,
             a->block_count ? "no block could be placed on a chain" : "no log speaks of any block");
    else if (a->accepted_count == 0)
        tell(t, FINDING_ERROR, "all-rejected", NO_HOST, a->chained_count,
             "the filters drop all blocks of the chain (%zu): see which, and try --no-filters",
             a->chained_count);
    if (a->forgerless_count)
        tell(t, FINDING_NOTE, "no-forger", NO_HOST, a->forgerless_count,
             "%zu of %zu blocks on the chain were forged by hosts whose logs are not here: nothing "
             "can be said of how they were forged, nor of the size of blocks nobody fetched",
             a->forgerless_count, a->chained_count);
    if (a->missing_heights)
        tell(t, FINDING_WARNING, "missing-heights", NO_HOST, a->missing_heights,
             "no log speaks of %llu block%s between the first and the last of the chain",
             (unsigned long long)a->missing_heights, plural(a->missing_heights));
    if (c.unplaced)
        tell(t, FINDING_NOTE, "unplaced-blocks", NO_HOST, c.unplaced,
             "%llu block%s known by the hash alone, without height, and in no metric",
             (unsigned long long)c.unplaced, plural(c.unplaced));
    if (c.no_size)
        tell(t, FINDING_NOTE, "no-size", NO_HOST, c.no_size,
             "the size of %llu block%s on the chain is not known", (unsigned long long)c.no_size,
             plural(c.no_size));
    if (c.strays)
        tell(t, FINDING_NOTE, "stray-phases", NO_HOST, c.strays,
             "%llu time%s a host speaks of a block whose header it did not log",
             (unsigned long long)c.strays, plural(c.strays));
    if (c.forged_twice)
        tell(t, FINDING_WARNING, "forged-twice", NO_HOST, c.forged_twice,
             "%llu block%s reported forged twice by the same host",
             (unsigned long long)c.forged_twice, plural(c.forged_twice));
    if (c.negative)
        tell(t, FINDING_WARNING, "negative-intervals", NO_HOST, c.negative,
             "%llu interval%s %s negative: clocks differ, or lines are out of order",
             (unsigned long long)c.negative, plural(c.negative), are(c.negative));
    about_missing_phases(t, &c);
}

static void about_doubt(struct telling *t, const struct clock_doubt *doubt)
{
    if (doubt->one != NO_HOST)
        tell(t, FINDING_WARNING, "clocks-disagree", NO_HOST, doubt->blocks,
             "headers of blocks arrive up to %s before they were announced between %s and %s: the "
             "clock of one of them is off",
             duration(doubt->ns).text, t->a->hosts[doubt->one].name,
             t->a->hosts[doubt->other].name);
}

static void about_bound(struct telling *t, const struct bound_doubt *bound)
{
    if (bound->stranger)
        tell(t, FINDING_NOTE, "not-in-topology", NO_HOST, 1,
             "%s is not in the run's topology.json: how fast blocks could have spread at best is "
             "not told",
             bound->stranger);
    if (bound->adoptions)
        tell(t, FINDING_WARNING, "below-physical-bound", NO_HOST, bound->adoptions,
             "%llu adoption%s came sooner than the links of the run allow, by up to %s from %s to "
             "%s: a clock is off, or the links are others than told; compare the clocks of these "
             "two, then topology.json and the links of profile.json",
             (unsigned long long)bound->adoptions, plural(bound->adoptions),
             duration(bound->early_ns).text, t->a->hosts[bound->forger].name,
             t->a->hosts[bound->observer].name);
}

/* " (9000 at 15 a second)", as far as the run's profile tells. */
static struct shown wanted_load(const struct run_context *c)
{
    struct shown s = { "" };

    if (c && c->tx_count >= 0 && c->tps >= 0)
        snprintf(s.text, sizeof(s.text), " (%.0f at %g a second)", c->tx_count, c->tps);
    return s;
}

/* A run without its load looks like a good one. */
static void about_load(struct telling *t)
{
    const struct load_result *load = &t->a->load;
    const struct shown wanted = wanted_load(t->a->context);

    if (load->setup_taken < load->setup_txs && load->txs_sent <= 0)
        tell(t, FINDING_WARNING, "load-not-begun", NO_HOST, load->setup_txs - load->setup_taken,
             "the load generator ended while it was splitting its fund: of the %llu transactions "
             "that split it %llu were taken, and none of its load%s was sent",
             (unsigned long long)load->setup_txs, (unsigned long long)load->setup_taken,
             wanted.text);
    else if (load->txs_sent == 0 && load->generators > 0)
        tell(t, FINDING_WARNING, "load-not-begun", NO_HOST, 1,
             "the load generator came to its end, and had sent no transaction of its load%s",
             wanted.text);
}

/* Runs beside each other share processors, disks and memory. */
static void about_others(struct telling *t, const struct run_context *c)
{
    size_t others = c ? c->concurrent_count : 0;

    if (others > 0)
        tell(
            t, FINDING_WARNING, "not-alone", NO_HOST, others,
            "%zu other run%s (%s%s) went on on this machine when this one began: what was measured "
            "of the machine is of all of them",
            others, plural(others), c->concurrent[0], others > 1 ? ", ..." : "");
}

/* The one whose name an incident's text begins with. */
static uint32_t host_of(const struct analysis *a, const char *what)
{
    for (uint32_t i = 0; i < a->host_count; i++) {
        const size_t len = strlen(a->hosts[i].name);

        if (strncmp(what, a->hosts[i].name, len) == 0 && what[len] == ' ')
            return i;
    }
    return NO_HOST;
}

static void about_incidents(struct telling *t, const struct run_context *c)
{
    for (size_t i = 0; c && i < c->incident_count; i++) {
        const struct context_incident *one = &c->incidents[i];

        tell(t, FINDING_WARNING, "incident", host_of(t->a, one->what), 1, "%s%s%s", one->what,
             one->at_ns == TIME_NONE ? "" : ", at ",
             one->at_ns == TIME_NONE ? "" : instant(one->at_ns).text);
    }
}

/* --- All of them --------------------------------------------------------- */

/* Errors first; within a severity in the order in which they were told. */
static bool sort_findings(struct analysis *a)
{
    struct finding *sorted =
        arena_take(&a->memory, (a->finding_count + 1) * sizeof(*sorted), _Alignof(struct finding));
    size_t n = 0;

    if (!sorted)
        return false;
    for (int severity = FINDING_ERROR; severity >= FINDING_NOTE; severity--)
        for (size_t i = 0; i < a->finding_count; i++)
            if ((int)a->findings[i].severity == severity)
                sorted[n++] = a->findings[i];
    a->findings = sorted;
    return true;
}

enum ou_status findings_fill(struct analysis *a, const struct findings_input *input,
                             struct ou_error *err)
{
    struct telling t = { .a = a };
    size_t most = a->file_count * 3 + a->reject_count + a->host_count * 18 +
                  (a->rts ? a->rts->count * 2 : 0) + 32;

    t.cap = most < FINDINGS_MAX ? most : FINDINGS_MAX;
    a->findings = arena_take(&a->memory, t.cap * sizeof(*a->findings), _Alignof(struct finding));
    if (!a->findings)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the findings");
    about_files(&t, input);
    for (size_t i = 0; a->rts && i < a->rts->count; i++)
        about_rts(&t, &a->rts->items[i]);
    about_rejects(&t);
    about_chain(&t);
    about_doubt(&t, &input->doubt);
    about_bound(&t, &input->bound);
    about_load(&t);
    about_others(&t, a->context);
    about_incidents(&t, a->context);
    find_ends(&t);
    for (uint32_t i = 0; i < a->host_count; i++) {
        about_host_lines(&t, i);
        about_host_losses(&t, i);
        about_host_slots(&t, input, i);
    }
    if (t.failed || !sort_findings(a))
        return ou_fail(err, OU_NO_MEMORY, "no memory for the findings");
    return OU_OK;
}
