#include "api/folder_run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "deploy/log_watch.h"
#include "deploy/process.h"
#include "json/tree.h"

#define DOCUMENT_BYTES_MAX ((size_t)4 << 20)
#define LOG_BYTES_MOST ((size_t)1 << 20) /* of each log, at a time: what is more comes next time */
#define NAME_ROOM 128
#define NODES_MAX 256
#define RATE_S_LEAST 0.2 /* rates over less are noise */
#define ANALYSIS_NS (120 * NS_PER_SECOND)

struct node {
    char name[NAME_ROOM];
    struct log_watch log;
};

struct folder_run {
    char directory[PATH_MAX];
    char profile[NAME_ROOM], machine[NAME_ROOM];
    struct live_facts facts;
    int64_t start_ns; /* slot 0; TIME_NONE */
    struct node *nodes;
    struct live_host *hosts; /* as many */
    size_t node_count;
    struct log_watch load; /* the generator's */
    int64_t let_go_ns;     /* monotonic: when nobody was at it any more; 0: somebody is */
    /* Of the look before, for rates. */
    int64_t at_ns, cpu_ns;
    uint64_t txs;
};

static const char *const states[] = { "allocated", "deployed", "genesis-ready", "running",
                                      "stopped",   "fetched",  "analysed",      "failed" };

/* ---- files that anybody may have made ---- */

/* A pipe, say, would keep us waiting. */
static bool is_plain(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static bool join(char ret[PATH_MAX], const char *directory, const char *name)
{
    return snprintf(ret, PATH_MAX, "%s/%s", directory, name) < PATH_MAX;
}

static json_t *load(const struct folder_run *run, const char *name)
{
    char path[PATH_MAX];
    json_t *document = NULL;

    if (!join(path, run->directory, name) || !is_plain(path) ||
        json_tree_load(path, DOCUMENT_BYTES_MAX, &document, NULL))
        return NULL;
    return document;
}

static int64_t instant_of(const json_t *text)
{
    const char *at = json_string_value(text);
    int64_t ns = TIME_NONE;

    return at && time_parse_iso(at, strlen(at), &ns) ? ns : TIME_NONE;
}

bool folder_run_goes_on(const char *directory)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    char path[PATH_MAX];
    bool held;
    int fd;

    if (!join(path, directory, "lock") || !is_plain(path))
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    held = fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
    if (fd >= 0)
        close(fd);
    return held;
}

/* ---- what does not change ---- */

static bool is_folder_name(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && strlen(entry->d_name) < NAME_ROOM;
}

static int by_name(const void *a, const void *b)
{
    return strverscmp(((const struct node *)a)->name, ((const struct node *)b)->name);
}

static void watch(struct log_watch *log, const struct folder_run *run, const char *name,
                  const char *file)
{
    char path[PATH_MAX], below[2 * NAME_ROOM];

    snprintf(below, sizeof below, "logs/%s/%s", name, file);
    if (!join(path, run->directory, below) || log_watch_open(log, path, NULL))
        *log = (struct log_watch){ .fd = -1, .height = -1 };
}

static void find_nodes(struct folder_run *run)
{
    char path[PATH_MAX];
    DIR *folder = join(path, run->directory, "nodes") ? opendir(path) : NULL;
    const struct dirent *entry;

    while (folder && run->node_count < NODES_MAX && (entry = readdir(folder)))
        if (is_folder_name(entry))
            snprintf(run->nodes[run->node_count++].name, sizeof run->nodes->name, "%s",
                     entry->d_name);
    if (folder)
        closedir(folder);
    qsort(run->nodes, run->node_count, sizeof *run->nodes, by_name);
    for (size_t i = 0; i < run->node_count; i++)
        watch(&run->nodes[i].log, run, run->nodes[i].name, "node.json");
}

static void find_load(struct folder_run *run)
{
    char path[PATH_MAX];

    log_watch_close(&run->load);
    if (join(path, run->directory, "logs/generator/node.json") && is_plain(path))
        watch(&run->load, run, "generator", "node.json");
    else
        watch(&run->load, run, "generator", "generator.json");
}

static void read_profile(struct folder_run *run)
{
    json_t *profile = load(run, "profile.json");
    const char *name = json_string_value(json_object_get(profile, "name"));

    snprintf(run->profile, sizeof run->profile, "%s", name ? name : "unknown");
    json_decref(profile);
}

/* Slot 0 is known when the genesis is ready. */
static void read_start(struct folder_run *run)
{
    json_t *meta = run->start_ns == TIME_NONE ? load(run, "meta.json") : NULL;
    const json_t *start =
        json_object_get(json_object_get(json_object_get(meta, "meta"), "timing"), "start");

    if (json_is_number(start))
        run->start_ns = (int64_t)(json_number_value(start) * 1e9);
    json_decref(meta);
}

/* ---- what does ---- */

static void read_state(struct folder_run *run)
{
    json_t *status = load(run, "status.json");
    const char *state = json_string_value(json_object_get(status, "state"));
    const int64_t began_ns =
        instant_of(json_object_get(json_array_get(json_object_get(status, "history"), 0), "at"));

    for (size_t i = 0; state && i < sizeof states / sizeof *states; i++)
        if (strcmp(state, states[i]) == 0)
            run->facts.state = states[i];
    if (began_ns != TIME_NONE)
        run->facts.began_ns = began_ns;
    json_decref(status);
}

/* 0: it has none. */
static int pid_of(const struct folder_run *run, const char *name)
{
    char below[2 * NAME_ROOM], path[PATH_MAX], text[32];
    FILE *file;
    int pid = 0;

    snprintf(below, sizeof below, "nodes/%s/pid", name);
    if (!join(path, run->directory, below) || !is_plain(path))
        return 0;
    file = fopen(path, "re");
    if (file && fgets(text, sizeof text, file))
        pid = (int)strtol(text, NULL, 10);
    if (file)
        fclose(file);
    return pid > 0 ? pid : 0;
}

/* A process of that number may be another one by now: it is ours if it works below the run. */
static bool usage_of(const struct folder_run *run, const char *name, int64_t *ret_cpu_ns,
                     uint64_t *ret_rss_bytes)
{
    const int pid = pid_of(run, name);

    return pid && process_is_below(pid, run->directory) &&
           process_usage(pid, ret_cpu_ns, ret_rss_bytes);
}

static void look_at_node(struct folder_run *run, size_t i, struct live_view *view, int64_t *cpu_ns)
{
    struct node *node = &run->nodes[i];
    int64_t cpu = 0;
    uint64_t rss = 0;
    const bool is_up = usage_of(run, node->name, &cpu, &rss);

    log_watch_read(&node->log, LOG_BYTES_MOST);
    run->hosts[i] = (struct live_host){ .name = node->name,
                                        .is_up = is_up,
                                        .height = node->log.height,
                                        .blocks_forged = node->log.blocks_forged,
                                        .resident_bytes = rss };
    *cpu_ns += cpu;
    view->nodes_up += is_up;
    view->resident_bytes += rss;
    view->blocks_forged += (int64_t)node->log.blocks_forged;
    if (node->log.tip_slot > view->slot)
        view->slot = node->log.tip_slot;
    if (node->log.height > view->height_high)
        view->height_high = node->log.height;
    if (is_up && (view->nodes_up == 1 || node->log.height < view->height_low))
        view->height_low = node->log.height;
}

static void fill_rates(struct folder_run *run, struct live_view *view, int64_t cpu_ns)
{
    const int64_t now_ns = time_monotonic_ns();
    const double seconds = (double)(now_ns - run->at_ns) / 1e9;
    const uint64_t txs = run->load.txs_acked;

    if (run->at_ns && seconds >= RATE_S_LEAST) {
        view->transactions_per_s = (double)(txs - run->txs) / seconds;
        view->cpu_cores = fmax(0, (double)(cpu_ns - run->cpu_ns) / 1e9 / seconds);
    }
    run->at_ns = now_ns;
    run->cpu_ns = cpu_ns;
    run->txs = txs;
}

/* Behind the end of the nodes nothing waits any more. */
static void tell_setup(struct folder_run *run)
{
    const bool goes_on = strcmp(run->facts.state, "running") == 0;

    live_facts_setup(&run->facts, run->load.setup_taken, goes_on ? run->load.setup_txs : 0);
}

static struct live_view look(struct folder_run *run)
{
    struct live_view view = { .start_ns = run->start_ns,
                              .elapsed_s = NAN,
                              .slot = -1,
                              .height_low = -1,
                              .height_high = -1,
                              .transactions_sent = -1,
                              .transactions_per_s = NAN,
                              .cpu_cores = NAN,
                              .nodes = (uint32_t)run->node_count,
                              .hosts = run->hosts,
                              .host_count = run->node_count };
    int64_t cpu_ns = 0;

    for (size_t i = 0; i < run->node_count; i++)
        look_at_node(run, i, &view, &cpu_ns);
    if (run->load.fd < 0)
        find_load(run);
    log_watch_read(&run->load, LOG_BYTES_MOST);
    if (run->load.starts > 0 || run->load.txs_acked > 0)
        view.transactions_sent = (int64_t)run->load.txs_acked;
    tell_setup(run);
    fill_rates(run, &view, cpu_ns);
    if (run->start_ns != TIME_NONE)
        view.elapsed_s = (double)(time_wall_ns() - run->start_ns) / 1e9;
    return view;
}

/* Who made it lets go of it before it is analysed, which takes as long as its logs are: a while is waited for that. */
bool folder_run_is_over(struct folder_run *run)
{
    const int64_t now_ns = time_monotonic_ns();

    if (folder_run_goes_on(run->directory)) {
        run->let_go_ns = 0;
        return false;
    }
    read_state(run);
    if (strcmp(run->facts.state, "fetched") != 0)
        return true;
    if (run->let_go_ns == 0)
        run->let_go_ns = now_ns;
    return now_ns - run->let_go_ns > ANALYSIS_NS;
}

/* What has ended has no processes; what it came to stands in its logs. */
static void tell_next_step(struct folder_run *run)
{
    char line[LIVE_NOTICE_ROOM];

    if (strcmp(run->facts.state, "analysed") != 0)
        return;
    snprintf(line, sizeof line, "analysed; ouroscope publish %.400s publishes it", run->directory);
    live_facts_notice(&run->facts, time_wall_ns(), line);
}

void folder_run_look(struct folder_run *run, bool ended, struct buffer *ret_report,
                     const char **ret_state)
{
    struct live_view view;

    read_state(run);
    read_start(run);
    if (run->node_count == 0)
        find_nodes(run);
    view = look(run);
    run->facts.has_ended = ended;
    if (ended)
        tell_next_step(run);
    live_report_write(&run->facts, &view, ret_report);
    *ret_state = run->facts.state;
}

/* ---- opening, closing ---- */

enum ou_status folder_run_open(const char *directory, const char *project, struct folder_run **ret,
                               struct ou_error *err)
{
    struct folder_run *run = calloc(1, sizeof *run);

    if (run) {
        run->nodes = calloc(NODES_MAX, sizeof *run->nodes);
        run->hosts = calloc(NODES_MAX, sizeof *run->hosts);
    }
    if (!run || !run->nodes || !run->hosts) {
        folder_run_close(run);
        return ou_fail(err, OU_NO_MEMORY, "no memory for a run in progress");
    }
    snprintf(run->directory, sizeof run->directory, "%s", directory);
    if (gethostname(run->machine, sizeof run->machine - 1) != 0)
        run->machine[0] = '\0';
    run->facts = (struct live_facts){ .project = project,
                                      .profile = run->profile,
                                      .machine = run->machine,
                                      .state = states[0],
                                      .source = "folder",
                                      .began_ns = time_wall_ns() };
    run->start_ns = TIME_NONE;
    run->load.fd = -1;
    read_profile(run);
    *ret = run;
    return OU_OK;
}

void folder_run_close(struct folder_run *run)
{
    if (!run)
        return;
    for (size_t i = 0; i < run->node_count; i++)
        log_watch_close(&run->nodes[i].log);
    if (run->nodes)
        log_watch_close(&run->load);
    free(run->nodes);
    free(run->hosts);
    free(run);
}

const char *folder_run_directory(const struct folder_run *run)
{
    return run->directory;
}

const char *folder_run_id(const struct folder_run *run)
{
    const char *slash = strrchr(run->directory, '/');

    return slash ? slash + 1 : run->directory;
}

const char *folder_run_profile(const struct folder_run *run)
{
    return run->profile;
}

int64_t folder_run_began_ns(const struct folder_run *run)
{
    return run->facts.began_ns;
}
