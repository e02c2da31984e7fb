#include "node/node_traces.h"

#include <inttypes.h>
#include <ouroscope/data_point.h>
#include <ouroscope/node_life.h>
#include <ouroscope/trace.h>
#include <stdio.h>
#include <time.h>

#include "base/time.h"
#include "json/write.h"
#include "wire/handshake.h"

#define TEXT_MAX_BYTES 65536 /* of a list of peers, say */

/* JSON text that is made for one message. */
struct text {
    struct buffer buffer;
    struct json_writer writer;
};

static struct json_writer *text_begin(struct text *t)
{
    buffer_init(&t->buffer, allocator_libc(), TEXT_MAX_BYTES);
    json_writer_init(&t->writer, &t->buffer, false);
    return &t->writer;
}

/* NULL, which leaves the member out, when there was no room. */
static const char *text_of(const struct text *t)
{
    return buffer_status(&t->buffer) == OU_OK ? buffer_string(&t->buffer) : NULL;
}

static void put_address(struct json_writer *w, const char *host, uint16_t port)
{
    char text[80];

    snprintf(text, sizeof text, strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
    json_cstring(w, text);
}

/* As a node shows instants: "2026-11-22 10:00:00.5 UTC". */
static void write_utc(int64_t ns, char ret[TIME_ISO_ROOM + 8])
{
    const size_t len = time_format_iso(ns, ret);

    if (len < 12)
        return;
    ret[10] = ' ';
    memcpy(ret + len - 1, " UTC", 5);
}

struct ou_trace_options node_trace_options(const char *config_path, const char *name,
                                           const struct genesis *genesis,
                                           const struct collector_address *collector)
{
    return (struct ou_trace_options){
        .config_path = config_path,
        .program = "ouroscope " OUROSCOPE_VERSION,
        .forward_connect = collector->connect,
        .forward_accept = collector->accept,
        .forward_told = collector->told,
        .forward_context = collector->context,
        .network_magic = (uint32_t)genesis->network_magic,
        .node = { .name = name,
                  .protocol = "Cardano",
                  .version = OUROSCOPE_VERSION,
                  .system_start_ns = genesis->system_start_ns },
    };
}

void node_file_startup_info(const struct genesis *genesis)
{
    struct text t;
    struct json_writer *w = text_begin(&t);

    json_begin_object(w);
    json_key(w, "suiEra");
    json_cstring(w, "Conway");
    json_key(w, "suiSlotLength");
    json_seconds(w, genesis->slot_ns);
    json_key(w, "suiEpochLength");
    json_uint(w, genesis->epoch_slots);
    json_key(w, "suiSlotsPerKESPeriod");
    json_uint(w, genesis->slots_per_kes_period);
    json_end(w);
    if (text_of(&t))
        ou_data_point_set("NodeStartupInfo", text_of(&t), NULL);
    buffer_release(&t.buffer);
}

void node_traces_start(const char *config_path, const struct genesis_ledger *genesis)
{
    const struct genesis *g = &genesis->shelley;
    char started[TIME_ISO_ROOM + 8], system_start[TIME_ISO_ROOM + 8];
    char seconds[TIME_SECONDS_ROOM], slot_length[TIME_SECONDS_ROOM + 1];
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    write_utc((int64_t)now.tv_sec * NS_PER_SECOND + now.tv_nsec, started);
    write_utc(g->system_start_ns, system_start);
    (void)time_format_seconds(g->slot_ns, seconds);
    snprintf(slot_length, sizeof slot_length, "%ss", seconds);
    OU_TRACE(node_state_tracing_online);
    OU_TRACE(node_startup_common, config_path, g->network_magic, "Cardano",
             "ouroscope " OUROSCOPE_VERSION, NULL, started);
    OU_TRACE(node_startup_shelley_based, "Conway", system_start, slot_length, g->epoch_slots,
             g->slots_per_kes_period);
    OU_TRACE(node_startup_time, (uint64_t)now.tv_sec);
}

void node_traces_opening(const char *database_path)
{
    struct text t;
    struct json_writer *w = text_begin(&t);

    json_begin_object(w);
    json_key(w, "path");
    json_cstring(w, database_path);
    json_end(w);
    OU_TRACE(node_state_opening_dbs, text_of(&t));
    buffer_release(&t.buffer);
}

static void put_peers(struct json_writer *w, const struct node_topology *topology)
{
    json_begin_array(w);
    for (size_t i = 0; i < topology->peer_count; i++)
        put_address(w, topology->peers[i].address, topology->peers[i].port);
    json_end(w);
}

void node_traces_listening(const char *host, uint16_t port, const struct node_topology *topology)
{
    struct text listening, peers, versions;
    struct json_writer *w = text_begin(&listening);

    json_begin_array(w);
    put_address(w, host, port);
    json_end(w);
    put_peers(text_begin(&peers), topology);
    w = text_begin(&versions);
    json_begin_array(w);
    for (uint64_t v = NODE_VERSION_FIRST; v <= NODE_VERSION_LAST; v++)
        json_uint(w, v);
    json_end(w);

    OU_TRACE(node_startup_network, text_of(&listening), "InitiatorAndResponderDiffusionMode", NULL,
             text_of(&peers));
    OU_TRACE(node_startup_info, text_of(&listening), NULL, text_of(&versions), NULL);
    OU_TRACE(node_startup_p2p_info, "InitiatorAndResponderDiffusionMode");
    OU_TRACE(node_remote_server_started, text_of(&listening));
    OU_TRACE(node_local_server_started, text_of(&listening));
    buffer_release(&listening.buffer);
    buffer_release(&peers.buffer);
    buffer_release(&versions.buffer);
}

static void put_count(struct json_writer *w, const char *key, uint64_t value)
{
    json_key(w, key);
    json_uint(w, value);
}

void node_traces_end(const char *why, const struct forge_counts *counts)
{
    struct text t;
    struct json_writer *w = text_begin(&t);

    json_begin_object(w);
    json_key(w, "reason");
    json_cstring(w, why);
    put_count(w, "slots", counts->slots);
    put_count(w, "slotsMissed", counts->missed);
    put_count(w, "slotsLed", counts->led);
    put_count(w, "blocksForged", counts->forged);
    put_count(w, "blocksAdopted", counts->adopted);
    if (counts->slots > 0) {
        json_key(w, "slotLatenessMean");
        json_seconds(w, counts->late_ns / (int64_t)counts->slots);
        json_key(w, "slotLatenessMax");
        json_seconds(w, counts->latest_ns);
    }
    json_end(w);
    OU_TRACE(node_state_shutdown, text_of(&t));
    buffer_release(&t.buffer);
}
