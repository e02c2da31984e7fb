/* What the programs of these tests share: a message with a number, a start of tracing, and an
 * account at the end. They are compiled against the installed library. */
#ifndef NUMBERS_H
#define NUMBERS_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <ouroscope/trace.h>

#define NUMBER_FIELDS(F) F(u64, number, "number", OU_DMINIMAL, "tells the calls apart")

OU_TRACE_POINT(number, "Test.Number", OU_INFO, OU_PUBLIC, NUMBER_FIELDS, "A number.",
               .kind = "Number", .human = "number {number}", .legacy = { "Test", NULL, false });

/* Numbers from one up to, not including, another. */
static inline void trace_numbers(uint64_t from, uint64_t to)
{
    for (uint64_t i = from; i < to; i++)
        OU_TRACE(number, i);
}

/* Everything that is not too chatty to one backend, "File MachineFormat PATH" say. Ends the program
 * when that fails. */
static inline void start(const char *backend, struct ou_trace_options options)
{
    struct ou_error err = { "" };
    char config[1024];

    snprintf(config, sizeof(config),
             "TraceOptionResourceFrequency: 0\n"
             "TraceOptions: { '': { severity: Info, backends: [ %s ] } }\n",
             backend);
    options.config_text = config;
    options.host = "here";
    if (ou_trace_start(&options, &err) == OU_OK)
        return;
    fprintf(stderr, "%s\n", err.text);
    exit(90);
}

static inline void start_file(const char *path, struct ou_trace_options options)
{
    char backend[512];

    snprintf(backend, sizeof(backend), "File MachineFormat %s", path);
    start(backend, options);
}

/* After the stop: how many calls there were, and what became of them. A line on standard error,
 * since standard output may be the log. */
static inline void account_for(uint64_t calls)
{
    struct ou_trace_counts c;

    ou_trace_counts(&c);
    fprintf(stderr,
            "calls %" PRIu64 " dropped %" PRIu64 " unwritten %" PRIu64 " lines %" PRIu64 "\n",
            calls, c.ring_full + c.too_large + c.interrupted + c.no_memory, c.output, c.lines);
}

#endif
