/* A log that cannot be written: disk CASE LOG. */
#include "numbers.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static char config_path[4096];

/* Starts with a configuration file, so that the log can be opened again. */
static void start_with_file(const char *log)
{
    struct ou_error err = { "" };
    FILE *f;

    snprintf(config_path, sizeof(config_path), "%s.yaml", log);
    f = fopen(config_path, "w");
    if (!f)
        exit(91);
    fprintf(f,
            "TraceOptionResourceFrequency: 0\n"
            "TraceOptions: { '': { severity: Info, backends: [ File MachineFormat %s ] } }\n",
            log);
    fclose(f);
    if (ou_trace_start(&(struct ou_trace_options){ .config_path = config_path }, &err) == OU_OK)
        return;
    fprintf(stderr, "%s\n", err.text);
    exit(90);
}

static int reload(void)
{
    struct ou_error err = { "" };

    if (ou_trace_reload(&err) == OU_OK)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}

/* All space is used; then the operator moves the log to where there is some. */
static int full(const char *log)
{
    char roomy[4096];
    int failed;

    snprintf(roomy, sizeof(roomy), "%s.roomy", log);
    if (symlink("/dev/full", log) != 0)
        return 1;
    start_with_file(log);
    trace_numbers(0, 500);
    ou_trace_flush();
    unlink(log);
    failed = symlink(roomy, log) != 0 || reload();
    trace_numbers(500, 1000);
    ou_trace_stop();
    account_for(1000);
    return failed;
}

/* The last write that finds room is a partial one. SIGXFSZ is left as it is: it would end the
 * program. This thread writes, too, when it flushes. */
static int limited(const char *log)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 20011; /* within a line */
    setrlimit(RLIMIT_FSIZE, &limit);
    start_file(log, (struct ou_trace_options){ 0 });
    trace_numbers(0, 500);
    ou_trace_flush();
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
    trace_numbers(500, 1000);
    ou_trace_stop();
    account_for(1000);
    return 0;
}

/* The folder of the log goes away, and comes back. */
static int removed(const char *log)
{
    char folder[4096];
    int failed;

    snprintf(folder, sizeof(folder), "%.*s", (int)(strrchr(log, '/') - log), log);
    start_with_file(log);
    trace_numbers(0, 500);
    ou_trace_flush();
    unlink(log);
    unlink(config_path);
    if (rmdir(folder) != 0)
        return 1;
    trace_numbers(500, 1000);
    ou_trace_flush();
    failed = !reload(); /* there is no configuration */
    trace_numbers(1000, 1500);
    ou_trace_stop();
    account_for(1500);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "full") == 0)
        return full(argv[2]);
    if (argc == 3 && strcmp(argv[1], "limited") == 0)
        return limited(argv[2]);
    if (argc == 3 && strcmp(argv[1], "removed") == 0)
        return removed(argv[2]);
    return 2;
}
