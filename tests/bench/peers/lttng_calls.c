/* lttng-calls: the cases of trace-calls with LTTng-UST. Needs a session daemon, and makes its own
 * sessions. FILE is a folder here, since LTTng writes several files.
 *
 *   off   no session     on, peer   discard mode, per-user buffers, as LTTng makes them by itself
 *   full  buffers so small that nearly all is lost
 *   sustained, sustained-peer   callers wait for room; binary records, which nobody formats */
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "lttng_points.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "call_timing.h"

#define CALL_BLOCK(n) \
    lttng_ust_tracepoint(bench, block, (n), call_hashes[(n) % CALL_HASHES], 3 * (n))
#define CALL_MET(n) lttng_ust_tracepoint(bench, met, (n), call_local, call_remote)
CALL_LOOPS(block, CALL_BLOCK);
CALL_LOOPS(met, CALL_MET);

/* --- Sessions ------------------------------------------------------------------- */

#define SESSION "ouroscope-bench"

/* The daemon tells this process that its points are wanted; that may take a moment. */
static bool wait_until_enabled(void)
{
    static const struct timespec a_little = { 0, 1000000 };

    for (int ms = 0; ms < 5000; ms++) {
        if (lttng_ust_tracepoint_enabled(bench, block) && lttng_ust_tracepoint_enabled(bench, met))
            return true;
        nanosleep(&a_little, NULL);
    }
    fputs("lttng-calls: the session daemon does not switch the points on\n", stderr);
    return false;
}

static bool begin_session(const char *output, const char *channel_options)
{
    char command[2048];

    snprintf(command, sizeof(command),
             "exec >/dev/null; lttng create " SESSION " %s &&"
             " lttng enable-channel -u -s " SESSION " all %s &&"
             " lttng enable-event -u -s " SESSION " -c all 'bench:*' && lttng start " SESSION,
             output, channel_options);
    return system(command) == 0 && wait_until_enabled();
}

static bool begin_off(const struct call_options *o)
{
    (void)o;
    return true;
}

static void end_off(uint64_t *ret_lost)
{
    *ret_lost = 0;
}

static bool begin_to_files(const struct call_options *o, const char *channel_options)
{
    char output[1024];

    snprintf(output, sizeof(output), "--output='%s'", o->path);
    return begin_session(output, channel_options);
}

static bool begin_on(const struct call_options *o)
{
    return begin_to_files(o, "");
}

static bool begin_full(const struct call_options *o)
{
    return begin_to_files(o, "--subbuf-size=4k --num-subbuf=2");
}

static bool begin_sustained(const struct call_options *o)
{
    return begin_to_files(o, "--blocking-timeout=inf");
}

/* `lttng stop` returns when all is written. */
static void end_session(uint64_t *ret_lost)
{
    unsigned long long lost = 0;
    FILE *answer;

    if (system("lttng stop " SESSION " >/dev/null 2>&1") != 0)
        fputs("lttng-calls: the session did not stop\n", stderr);
    answer = popen("lttng list " SESSION " | sed -n 's/.*Discarded events: //p'", "r");
    if (!answer || fscanf(answer, "%llu", &lost) != 1)
        fputs("lttng-calls: LTTng does not tell how many events it discarded\n", stderr);
    if (answer)
        pclose(answer);
    if (system("lttng destroy " SESSION " >/dev/null") != 0)
        fputs("lttng-calls: the session stays\n", stderr);
    *ret_lost = lost;
}

static const struct call_case cases[] = {
    { "off", false, 256, begin_off, end_off, block_single, block_in_runs, NULL },
    { "on", true, 16, begin_on, end_session, block_single, block_in_runs, NULL },
    { "peer", true, 16, begin_on, end_session, met_single, met_in_runs, NULL },
    { "full", false, 16, begin_full, end_session, block_single, block_in_runs, NULL },
    { "sustained", false, 1, begin_sustained, end_session, NULL, NULL, block_flat },
    { "sustained-peer", false, 1, begin_sustained, end_session, NULL, NULL, met_flat },
    { 0 },
};

int main(int argc, char **argv)
{
    return call_timing_main(argc, argv, "LTTng-UST", cases);
}
