/* cluster-logs: writes the logs of a synthetic cluster, for benchmarks, tests
 * and the demonstration. README.md says what it models. */
#include <errno.h>
#include <getopt.h>

#include "cluster_lines.h"
#include "cluster_model.h"
#include "cluster_output.h"

static const char usage[] =
    "usage: cluster-logs --out RUN [OPTIONS]\n"
    "       cluster-logs --single-file FILE [--out RUN] [OPTIONS]\n"
    "\n"
    "  --out RUN            write a run directory\n"
    "  --single-file FILE   the logs of all hosts in one file, in order of time;\n"
    "                       RUN then gets everything but the logs\n"
    "  --hosts N            1..1000 (52)\n"
    "  --slots N            seconds of run time (1000)\n"
    "  --lines-per-host N   more lines by more transactions and protocol messages,\n"
    "                       with the same blocks (79 a second)\n"
    "  --active-slots F     share of slots that have a leader (0.05)\n"
    "  --dialect NAME       new, legacy, or mixed: every sixth host is legacy (new)\n"
    "  --journald           wrap lines as `journalctl -o json` does\n"
    "  --seed S             another cluster (1)\n"
    "  --help\n";

struct request {
    struct cluster_plan plan;
    const char *run, *single_file;
    bool journald;
};

static void wrong_usage(const char *option, const char *value)
{
    fprintf(stderr, "cluster-logs: %s %s: not possible\n%s", option, value, usage);
    exit(2);
}

static uint64_t whole(const char *option, const char *value, uint64_t least, uint64_t most)
{
    unsigned long long n;
    char *end;

    errno = 0;
    n = strtoull(value, &end, 10);
    if (errno || end == value || *end || *value == '-' || n < least || n > most)
        wrong_usage(option, value);
    return n;
}

static double fraction(const char *option, const char *value)
{
    char *end;
    double f = strtod(value, &end);

    if (end == value || *end || !(f > 0 && f < 1))
        wrong_usage(option, value);
    return f;
}

static enum dialect_choice dialect(const char *name)
{
    static const char *const names[] = { "new", "legacy", "mixed" };

    for (unsigned i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0)
            return (enum dialect_choice)i;
    wrong_usage("--dialect", name);
    return DIALECT_NEW;
}

static struct request read_options(int argc, char **argv)
{
    static const struct option options[] = {
        { "out", required_argument, NULL, 'o' },
        { "single-file", required_argument, NULL, 'f' },
        { "hosts", required_argument, NULL, 'n' },
        { "slots", required_argument, NULL, 's' },
        { "lines-per-host", required_argument, NULL, 'l' },
        { "active-slots", required_argument, NULL, 'a' },
        { "dialect", required_argument, NULL, 'd' },
        { "journald", no_argument, NULL, 'j' },
        { "seed", required_argument, NULL, 'e' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    struct request r = { .plan = { 52, 1000, 0, 0.05, DIALECT_NEW, 1 } };
    int letter;

    while ((letter = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (letter) {
        case 'o': r.run = optarg; break;
        case 'f': r.single_file = optarg; break;
        case 'n': r.plan.hosts = (uint32_t)whole("--hosts", optarg, 1, CLUSTER_HOSTS_MAX); break;
        case 's': r.plan.slots = (uint32_t)whole("--slots", optarg, 1, 1000000); break;
        case 'l': r.plan.lines_per_host = whole("--lines-per-host", optarg, 1, 1000000000); break;
        case 'a': r.plan.active_slots = fraction("--active-slots", optarg); break;
        case 'd': r.plan.dialect = dialect(optarg); break;
        case 'j': r.journald = true; break;
        case 'e': r.plan.seed = whole("--seed", optarg, 0, UINT64_MAX); break;
        case 'h': fputs(usage, stdout); exit(0);
        default: fputs(usage, stderr); exit(2);
        }
    }
    if (optind < argc || (!r.run && !r.single_file)) {
        fputs(usage, stderr);
        exit(2);
    }
    return r;
}

static void check_lines(const struct cluster *c)
{
    uint64_t least = output_least_lines(c);

    if (!c->plan.lines_per_host || c->plan.lines_per_host >= least)
        return;
    fprintf(stderr, "cluster-logs: these slots need --lines-per-host %llu or more\n",
            (unsigned long long)least);
    exit(2);
}

int main(int argc, char **argv)
{
    struct request r = read_options(argc, argv);
    struct output_counts counts;
    struct cluster cluster;

    lines_prepare();
    cluster_simulate(&r.plan, &cluster);
    check_lines(&cluster);
    if (r.run)
        output_run_files(&cluster, r.run);
    counts = r.single_file ? output_single_log(&cluster, r.single_file, r.journald)
                           : output_host_logs(&cluster, r.run, r.journald);
    printf("hosts %u slots %u blocks %zu lines %llu relevant %llu bytes %llu\n", r.plan.hosts,
           r.plan.slots, cluster.block_count, (unsigned long long)counts.lines,
           (unsigned long long)counts.relevant_lines, (unsigned long long)counts.bytes);
    cluster_release(&cluster);
    return 0;
}
