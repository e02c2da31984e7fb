/* trace-calls: what a call of the tracing library costs, and how many it sustains.
 *
 *   trace-calls [-c CALLS] [-t THREADS] [-p PITCH_NS] [-o FILE] CASE...
 *
 *   nothing no call: what the clock and the machine do to the figures
 *   copy    as many bytes as `on` writes, to a buffer that nobody reads: what caches and other memory do to them
 *   off     the point is filtered out
 *   on      a number, a hash and a number, into the ring; lines go to FILE
 *   peer    a number and two short texts, likewise
 *   full    the ring has no room, because the library's thread is held up
 *   legacy  the older system: the caller formats, locks and writes
 *   sustained, sustained-peer   calls at once, which wait for room: calls a second
 *           until all lines are in FILE
 *
 * call_timing.h says what is printed. It is linked with the shared library, as users' programs are. */
#include <ouroscope/message.h>
#include <ouroscope/trace.h>

#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "call_timing.h"

#define BLOCK_FIELDS(F)                                            \
    F(u64, slot, "slot", OU_DMINIMAL, "the slot the block is for") \
    F(hash, block, "block", OU_DMINIMAL, "the block's hash")       \
    F(u64, size, "size", OU_DMINIMAL, "of the block, in bytes")
OU_TRACE_POINT(block, "Bench.Block", OU_INFO, OU_PUBLIC, BLOCK_FIELDS, "A block came.",
               .kind = "Block", .legacy = { "Bench", "Block", false });

#define MET_FIELDS(F)                         \
    F(u64, slot, "slot", OU_DMINIMAL, "when") \
    F(peer, peer, "peer", OU_DMINIMAL, "the two ends")
OU_TRACE_POINT(met, "Bench.Met", OU_INFO, OU_PUBLIC, MET_FIELDS, "A peer was met.", .kind = "Met");

static const struct ou_peer peer = { call_local, call_remote };

#define CALL_BLOCK(n) OU_TRACE(block, (n), call_hashes[(n) % CALL_HASHES], 3 * (n))
#define CALL_MET(n) OU_TRACE(met, (n), &peer)
#define CALL_NOTHING(n) __asm__ volatile("" ::"r"(n))
CALL_TIMED_LOOPS(nothing, CALL_NOTHING)

/* A record of `on`; the buffer is what a ring has in use between two readings at the pace of the published figures. */
struct copied {
    uint64_t stamp, point, bytes, slot;
    uint8_t block[32];
    uint64_t size;
};
#define COPIES 5000
static __thread struct copied copies[COPIES];

static inline void copy(uint64_t n, const uint8_t *hash)
{
    struct copied *at = &copies[n % COPIES];

    at->stamp = ou_ticks();
    at->point = at->slot = n;
    at->bytes = sizeof *at;
    memcpy(at->block, hash, sizeof at->block);
    at->size = 3 * n;
    __asm__ volatile("" ::"r"(at) : "memory");
}
#define CALL_COPY(n) copy((n), call_hashes[(n) % CALL_HASHES])
CALL_TIMED_LOOPS(copy, CALL_COPY)
CALL_LOOPS(block, CALL_BLOCK);
CALL_LOOPS(met, CALL_MET);

/* --- Life ------------------------------------------------------------------------- */

static bool start(const struct call_options *o, const char *before, const char *after,
                  enum ou_when_full when_full)
{
    struct ou_trace_options options = { .host = "bench", .when_full = when_full };
    struct ou_error err;
    char config[1024];

    snprintf(config, sizeof(config), "%s%s%s", before, o->path, after);
    options.config_text = config;
    if (ou_trace_start(&options, &err) != OU_OK) {
        fprintf(stderr, "trace-calls: %s\n", err.text);
        return false;
    }
    return true;
}

#define TO_FILE(severity)                                                   \
    "{ \"TraceOptionResourceFrequency\": 0, \"TraceOptions\": { \"\": { "   \
    "\"severity\": \"" severity "\", \"backends\": [\"File MachineFormat ", \
        "\"] } } }"

static bool begin_off(const struct call_options *o)
{
    return start(o, TO_FILE("Warning"), OU_WHEN_FULL_DROP);
}

static bool begin_on(const struct call_options *o)
{
    return start(o, TO_FILE("Debug"), OU_WHEN_FULL_DROP);
}

static bool begin_sustained(const struct call_options *o)
{
    return start(o, TO_FILE("Debug"), OU_WHEN_FULL_BLOCK);
}

static bool begin_legacy(const struct call_options *o)
{
    return start(o,
                 "{ \"UseTraceDispatcher\": false, \"minSeverity\": \"Debug\", \"setupScribes\": "
                 "[ { \"scKind\": \"FileSK\", \"scName\": \"",
                 "\" } ] }", OU_WHEN_FULL_DROP);
}

static void end(uint64_t *ret_lost)
{
    struct ou_trace_counts counts;

    ou_trace_stop();
    ou_trace_counts(&counts);
    *ret_lost = 0;
#define X(name, why) *ret_lost += counts.name;
    OU_LOSSES(X)
#undef X
}

/* --- A ring without room ------------------------------------------------------------- */

/* An output that holds up the library's thread at the first message of the benchmark. */
static sem_t may_go_on;

static void hold_up(void *context, const struct ou_message *message, struct ou_text line)
{
    (void)line;
    if (message->point == &ou_point_block && !*(bool *)context) {
        *(bool *)context = true;
        sem_wait(&may_go_on);
    }
}

/* Rings are made by the threads that call, so the warm-up is what fills them. */
static bool begin_full(const struct call_options *o)
{
    static bool held_up;
    static const struct ou_output output = { .name = "hold-up",
                                             .write = hold_up,
                                             .context = &held_up };
    struct ou_error err;

    held_up = false;
    sem_init(&may_go_on, 0, 0);
    if (ou_trace_add_output(&output, &err) != OU_OK) {
        fprintf(stderr, "trace-calls: %s\n", err.text);
        return false;
    }
    return begin_on(o);
}

static void end_full(uint64_t *ret_lost)
{
    sem_post(&may_go_on);
    end(ret_lost);
    ou_trace_remove_output("hold-up");
}

static const struct call_case cases[] = {
    { "nothing", true, 16, begin_on, end, nothing_single, nothing_in_runs, NULL },
    { "copy", true, 16, begin_on, end, copy_single, copy_in_runs, NULL },
    { "off", false, 256, begin_off, end, block_single, block_in_runs, NULL },
    { "on", true, 16, begin_on, end, block_single, block_in_runs, NULL },
    { "peer", true, 16, begin_on, end, met_single, met_in_runs, NULL },
    { "full", false, 16, begin_full, end_full, block_single, block_in_runs, NULL },
    { "legacy", false, 16, begin_legacy, end, block_single, block_in_runs, NULL },
    { "sustained", false, 1, begin_sustained, end, NULL, NULL, block_flat },
    { "sustained-peer", false, 1, begin_sustained, end, NULL, NULL, met_flat },
    { 0 },
};

int main(int argc, char **argv)
{
    return call_timing_main(argc, argv, "ouroscope", cases);
}
