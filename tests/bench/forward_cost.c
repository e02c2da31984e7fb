/* forward-cost: what a program pays for being collected.
 *
 *   forward-cost forward SOCKET NAME MESSAGES PER_SECOND
 *   forward-cost file    FILE   NAME MESSAGES PER_SECOND
 *
 * Traces so many messages at that pace, a hundred at a time, to a collector or to a file of its own, and waits until all
 * of them are there. Prints, tab separated: messages, those that arrived, dropped ones, and the CPU seconds of all
 * its threads. It is linked with the shared library, as users' programs are. */
#include <inttypes.h>
#include <ouroscope/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define BURST 100

#define BLOCK_FIELDS(F)                                            \
    F(u64, slot, "slot", OU_DMINIMAL, "the slot the block is for") \
    F(hash, block, "block", OU_DMINIMAL, "the block's hash")       \
    F(u64, size, "size", OU_DMINIMAL, "of the block, in bytes")
OU_TRACE_POINT(block, "Bench.Block", OU_INFO, OU_PUBLIC, BLOCK_FIELDS, "A block came.",
               .kind = "Block");

static void trace_all(uint64_t messages, uint64_t per_second)
{
    const uint64_t pause_ns = BURST * UINT64_C(1000000000) / per_second;
    uint8_t hash[OU_HASH_BYTES] = { 0 };
    struct timespec next;

    clock_gettime(CLOCK_MONOTONIC, &next);
    for (uint64_t i = 0; i < messages; i++) {
        memcpy(hash, &i, sizeof i);
        OU_TRACE(block, i, hash, 3 * i);
        if (i % BURST != BURST - 1)
            continue;
        next.tv_nsec += (long)pause_ns;
        next.tv_sec += next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
}

static double cpu_s(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char **argv)
{
    struct ou_trace_options options = { .network_magic = 42, .forward_wait_ms = 60000 };
    struct ou_trace_counts counts;
    struct ou_error err;
    char config[1024];
    uint64_t messages;
    bool forward;

    if (argc != 6) {
        fprintf(stderr, "usage: forward-cost forward|file WHERE NAME MESSAGES PER_SECOND\n");
        return 2;
    }
    forward = strcmp(argv[1], "forward") == 0;
    messages = strtoull(argv[4], NULL, 10);
    snprintf(config, sizeof config,
             "{\"TraceOptionNodeName\":\"%s\",\"TraceOptionResourceFrequency\":0,"
             "\"TraceOptions\":{\"\":{\"severity\":\"Info\",\"backends\":[\"%s%s\"]}}}",
             argv[3], forward ? "Forwarder" : "File MachineFormat ", forward ? "" : argv[2]);
    options.config_text = config;
    options.forward_connect = forward ? argv[2] : NULL;
    if (ou_trace_start(&options, &err) != OU_OK) {
        fprintf(stderr, "forward-cost: %s\n", err.text);
        return 1;
    }
    trace_all(messages, strtoull(argv[5], NULL, 10));
    ou_trace_stop();
    ou_trace_counts(&counts);
    printf("%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%.6f\n", messages,
           forward ? counts.forwarded : counts.lines, counts.forwarder + counts.ring_full, cpu_s());
    return 0;
}
