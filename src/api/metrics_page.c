/* /metrics: what the server says about itself, for Prometheus. */
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "api/answering.h"
#include "api/counts.h"
#include "base/time.h"
#include "query/metric_answer.h"
#include "trace/resources.h"

static struct metric_family *family(struct metric_page *p, const char *name, enum metric_type type,
                                    const char *help)
{
    struct metric_family *f = metric_page_family(p, span_of(name), type, 0);

    if (f)
        f->help = help;
    return f;
}

static void show(struct metric_page *p, const char *name, enum metric_type type, const char *help,
                 double value)
{
    struct metric_family *f = family(p, name, type, help);

    if (!f)
        return;
    metric_page_sample(p, f, 0);
    metric_page_real(p, value);
}

/* --- Parts of the server ------------------------------------------------------------------------ */

static void show_build(struct metric_page *p)
{
    struct metric_family *f =
        family(p, "ouroscope_build_info", METRIC_INFO, "The version of this program.");

    if (!f)
        return;
    label_set_add(metric_page_sample(p, f, 0), span_of("version"), span_of(OUROSCOPE_VERSION));
    metric_page_unsigned(p, 1);
}

static void show_store(struct metric_page *p, struct store *store)
{
    struct store_counts c = store_counts(store);

    show(p, "ouroscope_database_statements_total", METRIC_COUNTER, "Statements run.",
         (double)c.statements);
    show(p, "ouroscope_database_failures_total", METRIC_COUNTER, "Statements that failed.",
         (double)c.failures);
    show(p, "ouroscope_database_retries_total", METRIC_COUNTER,
         "Transactions made again because others were in the way.", (double)c.retries);
    show(p, "ouroscope_database_reconnections_total", METRIC_COUNTER,
         "Connections made anew after they were lost.", (double)c.reconnections);
    show(p, "ouroscope_database_connections_open", METRIC_GAUGE, "Connections to the database.",
         c.open);
    show(p, "ouroscope_database_connections_lent", METRIC_GAUGE, "Of them, in use.", c.lent);
}

static void show_server(struct metric_page *p, struct api *a)
{
    show(p, "ouroscope_api_waiting_requests", METRIC_GAUGE,
         "Requests that wait until somebody is free to answer them.",
         (double)work_waiting(api_work(a)));
    show(p, "ouroscope_api_streams", METRIC_GAUGE, "Listeners of events.",
         (double)events_listeners(api_events(a)));
}

/* --- The process, by the names that all programs have for it ---------------------------------------- */

static double open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    double count = -3; /* ".", ".." and the folder itself */

    if (!folder)
        return 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* Field 22 of /proc/self/stat: when the process started, in clock ticks since the machine did. Fields are counted from behind
 * the name, which may hold anything. Below 0: not known. */
static long long start_ticks(void)
{
    FILE *file = fopen("/proc/self/stat", "r");
    char text[1024] = "";
    const char *at = NULL;
    long long ticks = -1;

    if (!file)
        return -1;
    if (fgets(text, sizeof text, file))
        at = strrchr(text, ')');
    for (int field = 2; at && field < 22; field++)
        at = strchr(at + 1, ' ');
    if (at)
        ticks = strtoll(at, NULL, 10);
    fclose(file);
    return ticks;
}

static double started_s;

static void find_start(void)
{
    struct timespec since_boot;
    long long ticks = start_ticks();

    if (ticks < 0 || clock_gettime(CLOCK_BOOTTIME, &since_boot))
        return;
    started_s = (double)time_wall_ns() / 1e9 -
                ((double)since_boot.tv_sec + (double)since_boot.tv_nsec / 1e9 -
                 (double)ticks / (double)sysconf(_SC_CLK_TCK));
}

static void show_process(struct metric_page *p)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct resource_usage used;
    struct rlimit files;

    pthread_once(&once, find_start);
    show(p, "process_start_time_seconds", METRIC_GAUGE,
         "When this process started, in seconds since 1970.", started_s);
    show(p, "process_open_fds", METRIC_GAUGE, "Files that are open.", open_files());
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        show(p, "process_max_fds", METRIC_GAUGE, "How many files may be open.",
             (double)files.rlim_cur);
    if (resources_read("/proc/self", &used, NULL))
        return;
    show(p, "process_cpu_seconds_total", METRIC_COUNTER, "Processor time, in seconds.",
         (double)used.cpu_centi / 100);
    show(p, "process_resident_memory_bytes", METRIC_GAUGE, "Memory in use.",
         (double)used.rss_bytes);
    show(p, "process_threads", METRIC_GAUGE, "Threads.", (double)used.threads);
}

void metrics_page(struct api_request *r)
{
    struct metric_page page;

    metric_page_init(&page);
    show_build(&page);
    show_process(&page);
    show_server(&page, r->api);
    show_store(&page, api_store(r->api));
    counts_show(&page);
    metric_page_answer(&page, false, r->call, r->answer);
    metric_page_release(&page);
}
