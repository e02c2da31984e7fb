#include "api/live_report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "json/write.h"

void live_facts_notice(struct live_facts *facts, int64_t at_ns, const char *text)
{
    struct live_notice *notice = &facts->notices[facts->notice_count++ % LIVE_NOTICES];

    notice->at_ns = at_ns;
    snprintf(notice->text, sizeof notice->text, "%s", text);
}

void live_facts_setup(struct live_facts *facts, uint64_t taken, uint64_t txs)
{
    facts->phase[0] = '\0';
    if (taken < txs)
        snprintf(facts->phase, sizeof facts->phase,
                 "the load waits: %" PRIu64 " of the %" PRIu64
                 " transactions that split its fund are taken",
                 taken, txs);
}

static void put_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_cstring(w, text);
}

/* Below 0: not known. */
static void put_count(struct json_writer *w, const char *key, int64_t count)
{
    json_key(w, key);
    if (count < 0)
        json_none(w);
    else
        json_int(w, count);
}

static void put_real(struct json_writer *w, const char *key, double value)
{
    json_key(w, key);
    json_double(w, value); /* NaN is null */
}

static void put_host(struct json_writer *w, const struct live_host *host)
{
    json_begin_object(w);
    put_text(w, "name", host->name);
    json_key(w, "isUp");
    json_bool(w, host->is_up);
    put_count(w, "height", host->height);
    json_key(w, "blocksForged");
    json_uint(w, host->blocks_forged);
    json_key(w, "residentBytes");
    json_uint(w, host->resident_bytes);
    json_end(w);
}

static void put_hosts(struct json_writer *w, const struct live_view *view)
{
    json_key(w, "hosts");
    json_begin_array(w);
    for (size_t i = 0; i < view->host_count && i < LIVE_HOSTS_MAX; i++)
        put_host(w, &view->hosts[i]);
    json_end(w);
}

static void put_view(struct json_writer *w, const struct live_view *view)
{
    json_key(w, "slotZeroAt");
    json_instant(w, view->start_ns);
    put_real(w, "elapsedSeconds", view->elapsed_s);
    put_count(w, "slot", view->slot);
    put_count(w, "heightLow", view->height_low);
    put_count(w, "heightHigh", view->height_high);
    put_count(w, "blocksForged", view->blocks_forged);
    put_count(w, "transactionsSent", view->transactions_sent);
    put_real(w, "transactionsPerSecond",
             view->transactions_sent < 0 ? NAN : view->transactions_per_s);
    put_real(w, "cpuCores", view->cpu_cores);
    json_key(w, "residentBytes");
    json_uint(w, view->resident_bytes);
    json_key(w, "nodesUp");
    json_uint(w, view->nodes_up);
    json_key(w, "nodes");
    json_uint(w, view->nodes);
    put_real(w, "heardSeconds", view->heard_s);
    put_hosts(w, view);
}

static void put_notices(struct json_writer *w, const struct live_facts *facts)
{
    const size_t count = facts->notice_count < LIVE_NOTICES ? facts->notice_count : LIVE_NOTICES;

    json_key(w, "notices");
    json_begin_array(w);
    for (size_t i = facts->notice_count - count; i < facts->notice_count; i++) {
        const struct live_notice *notice = &facts->notices[i % LIVE_NOTICES];

        json_begin_object(w);
        json_key(w, "at");
        json_instant(w, notice->at_ns);
        put_text(w, "text", notice->text);
        json_end(w);
    }
    json_end(w);
}

/* NULL: it waits for nothing. */
static const char *phase_of(const struct live_facts *facts, const struct live_view *view)
{
    if (view && view->elapsed_s < 0 && !facts->has_ended)
        return "waiting for slot 0";
    return facts->phase[0] ? facts->phase : NULL;
}

void live_report_write(const struct live_facts *facts, const struct live_view *view,
                       struct buffer *ret)
{
    struct json_writer w;

    json_writer_init(&w, ret, false);
    json_begin_object(&w);
    put_text(&w, "project", facts->project);
    put_text(&w, "profile", facts->profile);
    put_text(&w, "state", facts->state);
    put_text(&w, "source", facts->source);
    put_text(&w, "phase", phase_of(facts, view));
    json_key(&w, "beganAt");
    json_instant(&w, facts->began_ns);
    json_key(&w, "ended");
    json_bool(&w, facts->has_ended);
    put_text(&w, "machine", facts->machine);
    if (view)
        put_view(&w, view);
    put_notices(&w, facts);
    json_end(&w);
}
