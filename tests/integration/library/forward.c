/* Forwards to a collector, and does what it is told on standard input, a line each, which it answers with "done":
 *     trace FROM COUNT    traces numbers
 *     metric NAME VALUE   sets a gauge
 *     point NAME JSON     files a data point
 *     configure TEXT      changes the configuration
 *     counts              answers with the accounts instead
 *     fork                a child does nothing, and ends
 * At the end of its input it stops tracing, and says the accounts. What it is told of the collector it says on standard
 * error.
 *
 *     forward connect|accept ADDRESS CONFIGURATION [WAIT_MS] */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ouroscope/data_point.h>
#include <ouroscope/metrics.h>
#include <ouroscope/trace.h>

#define NUMBER_FIELDS(F)                                       \
    F(u64, number, "number", OU_DMINIMAL, "how many-th it is") \
    F(text, text, "text", OU_DMINIMAL, "some text")

OU_TRACE_POINT(number, "Test.Number", OU_INFO, OU_PUBLIC, NUMBER_FIELDS, "A number.",
               .kind = "Number", .human = "the number {number}",
               .metrics = OU_METRICS({ OU_COUNTER, "numbers", "numbers traced", -1 }));
OU_TRACE_POINT(plain, "Test.Plain", OU_NOTICE, OU_PUBLIC, NUMBER_FIELDS, "Without a human form.",
               .kind = "Plain");
OU_TRACE_POINT(secret, "Test.Secret", OU_ERROR, OU_CONFIDENTIAL, NUMBER_FIELDS, "A secret.",
               .kind = "Secret");

static void say_counts(void)
{
    struct ou_trace_counts c;

    ou_trace_counts(&c);
    printf("taken %" PRIu64 " forwarded %" PRIu64 " forwarder %" PRIu64 " ring %" PRIu64 "\n",
           c.taken, c.forwarded, c.forwarder, c.ring_full);
    fflush(stdout);
}

static void trace_numbers(unsigned long long from, unsigned long long count)
{
    for (unsigned long long i = 0; i < count; i++)
        OU_TRACE(number, from + i, "x\"\xc3\xa4\n");
    ou_trace_flush();
}

static void fork_one(void)
{
    pid_t child = fork();

    if (child == 0)
        exit(0);
    waitpid(child, NULL, 0);
}

static void set_point(char *name)
{
    char *json = strchr(name, ' ');
    struct ou_error err = { "" };

    *json++ = 0;
    if (ou_data_point_set(name, *json ? json : NULL, &err) != OU_OK)
        fprintf(stderr, "%s\n", err.text);
}

static void obey(char *line)
{
    struct ou_error err = { "" };
    unsigned long long from, count;
    char name[64];
    long long value;

    line[strcspn(line, "\n")] = 0;
    if (sscanf(line, "trace %llu %llu", &from, &count) == 2)
        trace_numbers(from, count);
    else if (sscanf(line, "metric %63s %lld", name, &value) == 2)
        ou_metric_set(name, value);
    else if (strncmp(line, "point ", 6) == 0)
        set_point(line + 6);
    else if (strncmp(line, "configure ", 10) == 0 && ou_trace_configure(line + 10, &err) != OU_OK)
        fprintf(stderr, "%s\n", err.text);
    else if (strcmp(line, "others") == 0) {
        OU_TRACE(plain, 1, "a");
        OU_TRACE(secret, 2, "b");
        ou_trace_flush();
    } else if (strcmp(line, "fork") == 0)
        fork_one();
}

static void say(void *context, const char *what)
{
    fprintf(stderr, "%s: %s\n", (const char *)context, what);
}

int main(int argc, char **argv)
{
    bool connects = argc > 3 && strcmp(argv[1], "connect") == 0;
    struct ou_trace_options options = { .config_text = argc > 3 ? argv[3] : NULL, .host = "h1" };
    struct ou_error err = { "" };
    char line[4096];

    if (argc < 4)
        return 2;
    *(connects ? &options.forward_connect : &options.forward_accept) = argv[2];
    options.forward_wait_ms = argc > 4 ? (uint32_t)atoi(argv[4]) : 0;
    options.forward_told = say;
    options.forward_context = "told";
    options.node = (struct ou_node_info){ .name = "n1",
                                          .protocol = "Cardano",
                                          .version = "1.2.3",
                                          .commit = "abc",
                                          .system_start_ns = INT64_C(1591566291000000000) };
    if (ou_trace_start(&options, &err) != OU_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    while (fgets(line, sizeof(line), stdin)) {
        obey(line);
        if (strcmp(line, "counts") == 0) {
            say_counts();
        } else {
            puts("done");
            fflush(stdout);
        }
    }
    ou_trace_stop();
    say_counts();
    return 0;
}
