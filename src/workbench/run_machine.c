#include "workbench/run_machine.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define CGROUPS "/sys/fs/cgroup"

/* The first line of a small file, without its end; false when there is none. */
static bool read_line(const char *path, char *ret, size_t room)
{
    FILE *f = fopen(path, "re");
    bool done = f && fgets(ret, (int)room, f);

    if (f)
        fclose(f);
    if (done)
        ret[strcspn(ret, "\n")] = '\0';
    return done;
}

static json_t *text_of_file(const char *path)
{
    char line[256];

    return read_line(path, line, sizeof line) ? json_string(line) : json_null();
}

/* "model name : X" of the first processor; null where the system tells it otherwise. */
static json_t *processor_model(void)
{
    FILE *f = fopen("/proc/cpuinfo", "re");
    json_t *model = NULL;
    char line[256];

    while (f && !model && fgets(line, sizeof line, f)) {
        const char *colon = strchr(line, ':');

        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "model name", 10) == 0 && colon)
            model = json_string(colon + 1 + strspn(colon + 1, " "));
    }
    if (f)
        fclose(f);
    return model ? model : json_null();
}

/* ---- limits of our control group and of those around it ---- */

double run_machine_cpu_limit(const char *cpu_max)
{
    double quota, period;

    if (sscanf(cpu_max, "%lf %lf", &quota, &period) != 2 || quota <= 0 || period <= 0)
        return -1;
    return quota / period;
}

static double memory_limit(const char *memory_max)
{
    char *end;
    double bytes = strtod(memory_max, &end);

    return end != memory_max && *end == '\0' ? bytes : -1;
}

/* The place of our group below CGROUPS: "/user.slice/..."; "" in a container that sees its own group as the root. */
static void own_group(char ret[PATH_MAX])
{
    FILE *f = fopen("/proc/self/cgroup", "re");
    char line[PATH_MAX];

    ret[0] = '\0';
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, "0::", 3) == 0 && strcmp(line, "0::/") != 0)
            snprintf(ret, PATH_MAX, "%s", line + 3);
    }
    if (f)
        fclose(f);
}

/* The tightest of the limits that a file of our group, or of one around it, tells; null: none. */
static json_t *group_limit(const char *file, double (*read)(const char *text))
{
    char group[PATH_MAX], path[2 * PATH_MAX], line[256], *slash;
    double least = -1;

    own_group(group);
    for (;;) {
        double limit = -1;

        snprintf(path, sizeof path, CGROUPS "%s/%s", group, file);
        if (read_line(path, line, sizeof line))
            limit = read(line);
        if (limit >= 0 && (least < 0 || limit < least))
            least = limit;
        slash = strrchr(group, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return least < 0 ? json_null() : json_real(least);
}

/* ---- all of it ---- */

/* Of the last minute: what else the machine had to do before the run. */
static json_t *load_average(void)
{
    double loads[1];

    return getloadavg(loads, 1) == 1 ? json_real(loads[0]) : json_null();
}

/* Whether two threads share a core. */
static json_t *multithreading(void)
{
    char line[16];

    if (!read_line("/sys/devices/system/cpu/smt/active", line, sizeof line))
        return json_null();
    return json_boolean(line[0] == '1');
}

json_t *run_machine_document(void)
{
    long page = sysconf(_SC_PAGESIZE), pages = sysconf(_SC_PHYS_PAGES);
    struct utsname system = { 0 };
    char kernel[sizeof system.sysname + sizeof system.release + 1];

    uname(&system);
    snprintf(kernel, sizeof kernel, "%s %s", system.sysname, system.release);
    return json_pack("{s:I, s:I, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "cores",
                     (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "memory_bytes",
                     (json_int_t)page * (json_int_t)pages, "kernel", kernel, "architecture",
                     system.machine, "cpu", processor_model(), "governor",
                     text_of_file("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"), "smt",
                     multithreading(), "cpu_limit_cores",
                     group_limit("cpu.max", run_machine_cpu_limit), "memory_limit_bytes",
                     group_limit("memory.max", memory_limit), "load_average", load_average());
}
