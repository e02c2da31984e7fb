#include "cluster_output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUFFER_BYTES (1 << 20)
/* Under the value workload a node writes this many lines a second, and this
 * share of all lines says something to an analysis. */
#define USUAL_LINES_PER_SECOND 79
#define RELEVANT_SHARE 0.40

static void give_up(const char *what, const char *path)
{
    fprintf(stderr, "cluster-logs: %s %s: %s\n", what, path, strerror(errno));
    exit(1);
}

/* PATH made from a format, in memory the caller frees. */
__attribute__((format(printf, 1, 2))) static char *path_of(const char *format, ...)
{
    char *path = NULL;
    va_list args;

    va_start(args, format);
    if (vasprintf(&path, format, args) < 0)
        give_up("name", format);
    va_end(args);
    return path;
}

static void make_folder(char *path)
{
    for (char *slash = strchr(path + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = 0;
        if (mkdir(path, 0777) && errno != EEXIST)
            give_up("create", path);
        if (!slash)
            return;
        *slash = '/';
    }
}

/* --- A file being written --- */

struct sink {
    char *path;
    int fd;
    char *buffer; /* BUFFER_BYTES */
    struct text text;
    bool journald;
    char *line; /* journald: TEXT_LINE_MAX for the line before it is wrapped */
    struct output_counts counts;
};

static void sink_open(struct sink *s, char *path, bool journald)
{
    *s = (struct sink){ .path = path, .journald = journald };
    s->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (s->fd < 0)
        give_up("create", path);
    s->buffer = cluster_memory(NULL, BUFFER_BYTES, 1);
    s->line = journald ? cluster_memory(NULL, TEXT_LINE_MAX, 1) : NULL;
    s->text = (struct text){ s->buffer, s->buffer + BUFFER_BYTES };
}

static void sink_flush(struct sink *s)
{
    for (char *at = s->buffer; at < s->text.at;) {
        ssize_t n = write(s->fd, at, (size_t)(s->text.at - at));

        if (n < 0)
            give_up("write", s->path);
        at += n;
    }
    s->counts.bytes += (uint64_t)(s->text.at - s->buffer);
    s->text.at = s->buffer;
}

static struct output_counts sink_close(struct sink *s)
{
    sink_flush(s);
    if (close(s->fd))
        give_up("close", s->path);
    free(s->path);
    free(s->buffer);
    free(s->line);
    return s->counts;
}

static void put_escaped(struct text *out, const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (line[i] == '"' || line[i] == '\\')
            text_put(out, "\\", 1);
        text_put(out, line + i, 1);
    }
}

/* The line as the journal's JSON export shows it, on a unit of its own. */
static void put_journald(struct sink *sink, struct log_state *s, const struct log_event *e)
{
    struct text line = { sink->line, sink->line + TEXT_LINE_MAX }, *out = &sink->text;
    uint64_t us = (uint64_t)(CLUSTER_SYSTEM_START_S * 1000000 + e->at_ns / 1000);

    lines_put(s, e, &line);
    text_puts(out, "{\"__REALTIME_TIMESTAMP\":\"");
    text_number(out, us);
    text_puts(out, "\",\"_HOSTNAME\":\"");
    text_puts(out, s->host->name);
    text_puts(out, "\",\"_SYSTEMD_UNIT\":\"cardano-node.service\",\"PRIORITY\":\"6\","
                   "\"_TRANSPORT\":\"stdout\",\"SYSLOG_IDENTIFIER\":\"cardano-node\","
                   "\"MESSAGE\":\"");
    put_escaped(out, sink->line, (size_t)(line.at - sink->line) - 1);
    text_puts(out, "\"}\n");
}

static void sink_put(struct sink *sink, struct log_state *s, const struct log_event *e)
{
    /* An escaped line may be twice as long, and has its wrapping. */
    if (sink->text.end - sink->text.at < 3 * TEXT_LINE_MAX)
        sink_flush(sink);
    if (sink->journald)
        put_journald(sink, s, e);
    else
        lines_put(s, e, &sink->text);
    sink->counts.lines++;
    sink->counts.relevant_lines += line_is_relevant(e->line);
}

static void add_counts(struct output_counts *sum, struct output_counts more)
{
    sum->lines += more.lines;
    sum->relevant_lines += more.relevant_lines;
    sum->bytes += more.bytes;
}

/* --- The lines of one host in order of time: what the model recorded, and
 *     background traffic spread evenly over the time the host was up. --- */

struct stream {
    struct log_state state;
    size_t next_event;
    uint64_t background_next, background_count;
    double step_ns; /* between background lines */
    double relevant_share;
    int64_t background_ns; /* when the next one is due; INT64_MAX: none */
};

static void schedule_background(struct stream *s)
{
    const struct host *h = s->state.host;
    int64_t at_ns;

    if (s->background_next == s->background_count) {
        s->background_ns = INT64_MAX;
        return;
    }
    at_ns = (int64_t)(((double)s->background_next + random_unit(&s->state.random)) * s->step_ns);
    if (at_ns >= h->down_from * CLUSTER_NS)
        at_ns += (h->down_until - h->down_from) * CLUSTER_NS;
    s->background_ns = at_ns;
    s->background_next++;
}

static void stream_open(struct stream *s, const struct cluster *c, const struct host *h)
{
    uint64_t slots_up = c->plan.slots - (h->down_until - h->down_from), relevant = 0;
    uint64_t lines = c->plan.lines_per_host;

    if (!lines)
        lines = slots_up * USUAL_LINES_PER_SECOND;
    if (lines < h->event_count)
        lines = h->event_count;
    for (size_t i = 0; i < h->event_count; i++)
        relevant += line_is_relevant(h->events[i].line);

    *s = (struct stream){
        .state = { .cluster = c, .host = h, .mempool_txs = 300 },
        .background_count = lines - h->event_count,
    };
    s->state.random.key = mix64(c->plan.seed * CLUSTER_HOSTS_MAX + h->index + 7);
    if (s->background_count) {
        s->step_ns = (double)(slots_up * (uint64_t)CLUSTER_NS) / (double)s->background_count;
        s->relevant_share =
            ((double)lines * RELEVANT_SHARE - (double)relevant) / (double)s->background_count;
    }
    schedule_background(s);
}

/* When the stream's next line is due; INT64_MAX after the last. */
static int64_t stream_due(const struct stream *s)
{
    const struct host *h = s->state.host;

    if (s->next_event < h->event_count && h->events[s->next_event].at_ns <= s->background_ns)
        return h->events[s->next_event].at_ns;
    return s->background_ns;
}

/* Takes that line. */
static struct log_event stream_next(struct stream *s)
{
    const struct host *h = s->state.host;
    struct log_event e = { .block = NO_BLOCK, .at_ns = s->background_ns };
    bool relevant;

    if (s->next_event < h->event_count && h->events[s->next_event].at_ns <= s->background_ns)
        return h->events[s->next_event++];
    relevant = random_unit(&s->state.random) < s->relevant_share;
    e.line = (uint16_t)lines_pick_background(&s->state, relevant);
    if (relevant)
        e.link = (uint8_t)s->state.tx_link;
    else if (h->link_count)
        e.link = (uint8_t)random_below(&s->state.random, h->link_count);
    schedule_background(s);
    return e;
}

/* --- Logs --- */

static char *log_path(const char *run, const struct host *h, uint32_t from_slot)
{
    time_t t = (time_t)(CLUSTER_SYSTEM_START_S + from_slot);
    char stamp[32];
    struct tm tm;

    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H-%M-%S", gmtime_r(&t, &tm));
    return path_of("%s/logs/%s/node-%s.json", run, h->name, stamp);
}

static struct output_counts write_host(const struct cluster *c, const struct host *h,
                                       const char *run, bool journald)
{
    struct output_counts counts = { 0 };
    int64_t restart_ns = h->down_until ? h->down_until * CLUSTER_NS : INT64_MAX;
    char *folder = path_of("%s/logs/%s", run, h->name);
    struct stream stream;
    struct sink sink;

    make_folder(folder);
    free(folder);
    stream_open(&stream, c, h);
    sink_open(&sink, log_path(run, h, 0), journald);
    while (stream_due(&stream) != INT64_MAX) {
        if (stream_due(&stream) >= restart_ns) {
            add_counts(&counts, sink_close(&sink));
            sink_open(&sink, log_path(run, h, h->down_until), journald);
            restart_ns = INT64_MAX;
        }
        struct log_event e = stream_next(&stream);

        sink_put(&sink, &stream.state, &e);
    }
    add_counts(&counts, sink_close(&sink));
    return counts;
}

struct output_counts output_host_logs(const struct cluster *c, const char *run, bool journald)
{
    struct output_counts counts = { 0 };

    for (uint32_t i = 0; i < c->plan.hosts; i++)
        add_counts(&counts, write_host(c, &c->hosts[i], run, journald));
    return counts;
}

struct output_counts output_single_log(const struct cluster *c, const char *path, bool journald)
{
    struct stream *streams = cluster_memory(NULL, c->plan.hosts, sizeof *streams);
    struct sink sink;

    for (uint32_t i = 0; i < c->plan.hosts; i++)
        stream_open(&streams[i], c, &c->hosts[i]);
    sink_open(&sink, path_of("%s", path), journald);
    for (;;) {
        uint32_t first = 0;
        struct log_event e;

        for (uint32_t i = 1; i < c->plan.hosts; i++)
            if (stream_due(&streams[i]) < stream_due(&streams[first]))
                first = i;
        if (stream_due(&streams[first]) == INT64_MAX)
            break;
        e = stream_next(&streams[first]);
        sink_put(&sink, &streams[first].state, &e);
    }
    free(streams);
    return sink_close(&sink);
}

uint64_t output_least_lines(const struct cluster *c)
{
    uint64_t least = 0;

    for (uint32_t i = 0; i < c->plan.hosts; i++)
        if (least < c->hosts[i].event_count)
            least = c->hosts[i].event_count;
    return least;
}

/* --- The other files of a run directory --- */

static FILE *create(const char *run, const char *name)
{
    char *path = path_of("%s/%s", run, name);
    FILE *f = fopen(path, "we");

    if (!f)
        give_up("create", path);
    free(path);
    return f;
}

static void finish(FILE *f, const char *name)
{
    if (ferror(f) | fclose(f))
        give_up("write", name);
}

static uint32_t epoch_slots(const struct cluster *c)
{
    return (uint32_t)(10 * 3 / c->plan.active_slots + 0.5); /* 10 k / f */
}

static void write_genesis(const struct cluster *c, const char *run)
{
    FILE *f = create(run, "genesis/shelley.json");

    fprintf(f,
            "{\n"
            "  \"activeSlotsCoeff\": %g,\n"
            "  \"epochLength\": %u,\n"
            "  \"genDelegs\": {},\n"
            "  \"initialFunds\": {},\n"
            "  \"maxKESEvolutions\": 62,\n"
            "  \"maxLovelaceSupply\": 45000000000000000,\n"
            "  \"networkId\": \"Testnet\",\n"
            "  \"networkMagic\": 42,\n"
            "  \"protocolParams\": {\n"
            "    \"maxBlockBodySize\": 88000,\n"
            "    \"maxBlockHeaderSize\": 1100,\n"
            "    \"maxTxSize\": 16384,\n"
            "    \"protocolVersion\": {\"major\": 10, \"minor\": 0}\n"
            "  },\n"
            "  \"securityParam\": 3,\n"
            "  \"slotLength\": 1,\n"
            "  \"slotsPerKESPeriod\": 129600,\n"
            "  \"staking\": {\"pools\": {}, \"stake\": {}},\n"
            "  \"systemStart\": \"2026-03-04T14:00:00Z\",\n"
            "  \"updateQuorum\": 1\n"
            "}\n",
            c->plan.active_slots, epoch_slots(c));
    finish(f, "genesis/shelley.json");
}

static void put_profile(const struct cluster *c, FILE *f, const char *indent)
{
    fprintf(f,
            "{\n"
            "%s  \"name\": \"synthetic-%u\",\n"
            "%s  \"era\": \"conway\",\n"
            "%s  \"scenario\": \"fixed-loaded\",\n"
            "%s  \"composition\": {\"locations\": [\"EU\", \"US\", \"AP\"], \"topology\": "
            "\"torus-dense\", \"n_hosts\": %u, \"n_pools\": %u},\n",
            indent, c->plan.hosts, indent, indent, indent, c->plan.hosts, c->plan.hosts);
    fprintf(f,
            "%s  \"genesis\": {\"network_magic\": 42, \"utxo\": 4000000, \"delegators\": 1000000, "
            "\"dreps\": 0, \"active_slots_coeff\": %g, \"epoch_length\": %u, \"parameter_k\": 3, "
            "\"slot_duration\": 1, \"max_block_size\": 88000},\n"
            "%s  \"generator\": {\"era\": \"conway\", \"tps\": 12, \"tx_count\": %u, "
            "\"add_tx_size\": 100, \"inputs_per_tx\": 2, \"outputs_per_tx\": 2},\n"
            "%s  \"analysis\": {\"filters\": [\"unitary\"], \"filter_exprs\": []}\n"
            "%s}",
            indent, c->plan.active_slots, epoch_slots(c), indent, 12 * c->plan.slots, indent,
            indent);
}

static void write_profile(const struct cluster *c, const char *run)
{
    FILE *f = create(run, "profile.json");

    put_profile(c, f, "");
    fputs("\n", f);
    finish(f, "profile.json");
}

static void write_meta(const struct cluster *c, const char *run)
{
    FILE *f = create(run, "meta.json");

    fprintf(f,
            "{\n"
            "  \"meta\": {\n"
            "    \"tag\": \"2026-03-04T14-00-00_synthetic-%u_%06llx\",\n"
            "    \"batch\": \"synthetic\",\n"
            "    \"ident\": \"seed-%llu\",\n"
            "    \"profile\": \"synthetic-%u\",\n"
            "    \"era\": \"conway\",\n"
            "    \"backend\": \"generated by cluster-logs\",\n"
            "    \"node_kind\": \"none\",\n"
            "    \"node_ghc_version\": \"9.6.7\",\n"
            "    \"manifest\": [{\"name\": \"cardano-node\", \"version\": \"10.5.0\", \"commit\": "
            "\"0000000000000000000000000000000000000000\"}],\n"
            "    \"profile_content\": ",
            c->plan.hosts, (unsigned long long)(mix64(c->plan.seed) >> 40),
            (unsigned long long)c->plan.seed, c->plan.hosts);
    put_profile(c, f, "    ");
    fputs("\n  }\n}\n", f);
    finish(f, "meta.json");
}

static void write_topology(const struct cluster *c, const char *run)
{
    FILE *f = create(run, "topology.json");

    fputs("{\n  \"coreNodes\": [", f);
    for (uint32_t i = 0; i < c->plan.hosts; i++) {
        const struct host *h = &c->hosts[i];
        const char *comma = "";

        fprintf(f,
                "%s\n    {\"name\": \"%s\", \"nodeId\": %u, \"region\": \"%s\", \"producers\": [",
                i ? "," : "", h->name, i, cluster_regions[h->region]);
        for (uint32_t l = 0; l < h->link_count; l++) {
            if (!h->links[l].up)
                continue;
            fprintf(f, "%s\"%s\"", comma, c->hosts[h->links[l].host].name);
            comma = ", ";
        }
        fputs("], \"pools\": 1, \"stakePool\": true}", f);
    }
    fputs("\n  ],\n  \"relayNodes\": []\n}\n", f);
    finish(f, "topology.json");
}

void output_run_files(const struct cluster *c, const char *run)
{
    char *folder = path_of("%s/genesis", run);

    make_folder(folder);
    free(folder);
    write_meta(c, run);
    write_profile(c, run);
    write_topology(c, run);
    write_genesis(c, run);
}
