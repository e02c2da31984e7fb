/* A program for sweeps whose truth is known: it takes flags as a GHC program does, and says of itself what they are
 * worth. `SWEEP_SUBJECT COUNTER +RTS -A16m -N2 -tFILE --machine-readable -RTS` writes FILE as GHC's run-time system
 * would, with
 *
 *   collector CPU time = 3.0 s with -A4m, 1.5 s with -A16m, 1.2 s with -A64m, and 0.4 s more with -N4,
 *                        plus 0.02 s for each run before this one (the machine drifts), plus noise,
 *   mutator time       = 8 s / capabilities, plus noise.
 *
 * COUNTER is a file whose length is the number of runs so far: the noise follows from it, so that it is the same each time a
 * sweep is made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct asked {
    const char *statistics; /* file */
    int area_mib, capabilities;
};

static int flag_number(const char *text, const char *name, int otherwise)
{
    return strncmp(text, name, strlen(name)) == 0 ? atoi(text + strlen(name)) : otherwise;
}

static struct asked read_flags(int argc, char **argv)
{
    struct asked a = { NULL, 4, 1 };

    for (int i = 2; i < argc; i++) {
        a.area_mib = flag_number(argv[i], "-A", a.area_mib);
        a.capabilities = flag_number(argv[i], "-N", a.capabilities);
        if (strncmp(argv[i], "-t", 2) == 0)
            a.statistics = argv[i] + 2;
    }
    return a;
}

/* How many runs there were before, and one more from now on; -1: the file cannot be written. */
static long count_run(const char *path)
{
    FILE *f = fopen(path, "a");
    long before;

    if (!f)
        return -1;
    before = ftell(f);
    fputc('.', f);
    return fclose(f) == 0 ? before : -1;
}

/* Between -1 and 1, alike for the same number (Knuth's multiplicative hash). */
static double noise(long number, unsigned stream)
{
    unsigned hash = ((unsigned)number * 7u + stream + 1u) * 2654435761u;

    return (double)(hash >> 8) / (double)(1u << 23) - 1;
}

static double collector_s(const struct asked *a, long runs)
{
    double area = a->area_mib >= 64 ? 1.2 : a->area_mib >= 16 ? 1.5 : 3.0;

    return area + (a->capabilities >= 4 ? 0.4 : 0) + 0.02 * (double)runs + 0.08 * noise(runs, 0);
}

int main(int argc, char **argv)
{
    struct asked a = read_flags(argc, argv);
    long runs = argc > 1 ? count_run(argv[1]) : -1;
    double collector, mutator;
    FILE *f;

    if (runs < 0 || !a.statistics || !(f = fopen(a.statistics, "w"))) {
        fprintf(stderr, "sweep_subject: no counter, or no -tFILE\n");
        return 2;
    }
    usleep(300000); /* long enough to be seen, and to be killed in */
    collector = collector_s(&a, runs);
    mutator = 8.0 / a.capabilities + 0.1 * noise(runs, 3);
    fprintf(f,
            "'%s' +RTS '-A%dm' '-N%d' \n [(\"bytes allocated\", \"1000000000\")\n"
            " ,(\"num_GCs\", \"%d\")\n ,(\"mut_cpu_seconds\", \"%.6f\")\n"
            " ,(\"mut_wall_seconds\", \"%.6f\")\n ,(\"GC_cpu_seconds\", \"%.6f\")\n"
            " ,(\"GC_wall_seconds\", \"%.6f\")\n ,(\"total_cpu_seconds\", \"%.6f\")\n"
            " ,(\"total_wall_seconds\", \"%.6f\")\n ,(\"major_gcs\", \"5\")\n"
            " ,(\"n_capabilities\", \"%d\")\n ]\n",
            argv[0], a.area_mib, a.capabilities, 4000 / a.area_mib, 8.0, mutator, collector,
            collector, 8.0 + collector, mutator + collector, a.capabilities);
    return fclose(f) == 0 ? 0 : 2;
}
