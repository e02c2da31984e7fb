#include "collect/metric_show.h"

#include <strings.h>

#include "trace/legacy_names.h"
#include "trace/metrics_table.h"

/* What is being shown. */
struct showing {
    struct metric_page *page;
    const struct collector_config *config;
    const struct collector_node *node;
    bool labelled;
    uint32_t owner; /* the node's number: one sample of it in each family */
};

/* --- Kinds ------------------------------------------------------------------------------------ */

/* What Haskell and C write for a double that is none. */
static bool is_boundless(const char *text)
{
    static const char *const words[] = { "NaN", "Infinity", "-Infinity", "inf", "-inf", "+inf" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool is_shown(const struct node_metric *m)
{
    return m->kind != EKG_LABEL || m->is_number || (*m->text && !is_boundless(m->text));
}

static enum metric_type type_of(const struct node_metric *m)
{
    switch (m->kind) {
    case EKG_COUNTER: return METRIC_COUNTER;
    case EKG_GAUGE: return METRIC_GAUGE;
    case EKG_LABEL: break;
    }
    return m->is_number ? METRIC_UNTYPED : METRIC_INFO;
}

/* --- One sample -------------------------------------------------------------------------------- */

/* The first text whose key is contained in the metric's name, as the node calls it or as it is shown. */
static const char *help_of(const struct collector_config *c, const char *name, const char *shown)
{
    for (size_t i = 0; i < c->metric_help.count; i++) {
        const struct name_pair *pair = &c->metric_help.at[i];

        if (strstr(name, pair->name) || strstr(shown, pair->name))
            return pair->value;
    }
    return NULL;
}

static void put_info(struct label_set *labels, const char *text)
{
    if (!label_set_take(labels, span_of(text)))
        label_set_add(labels, span_of("value"), span_of(text));
}

/* shown: mangled already. */
static void put_sample(const struct showing *s, const struct node_metric *m, const char *shown)
{
    struct metric_family *f = metric_page_family(s->page, span_of(shown), type_of(m), s->owner);
    struct label_set *labels;

    if (!f)
        return;
    if (!f->first)
        f->help = help_of(s->config, m->name, shown);
    labels = metric_page_sample(s->page, f, s->owner);
    if (s->labelled)
        label_set_add(labels, span_of("node_name"), span_of(s->node->name));
    if (m->kind != EKG_LABEL) {
        metric_page_integer(s->page, m->value);
    } else if (m->is_number) {
        metric_page_real(s->page, m->number);
    } else {
        put_info(labels, m->text);
        metric_page_integer(s->page, 1);
    }
}

/* --- Names ------------------------------------------------------------------------------------- */

/* metricsNoSuffix. Returns the length without the kind. */
static size_t without_kind(const char *name, size_t len)
{
    static const char *const kinds[] = { "_int", "_counter", "_real" };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t kind = strlen(kinds[i]);

        if (len > kind && memcmp(name + len - kind, kinds[i], kind) == 0)
            return len - kind;
    }
    return len;
}

/* A name of any length; those that are too long are not shown. */
static void put_by_name(const struct showing *s, const struct node_metric *m, const char *name,
                        bool cut)
{
    char shown[METRIC_STORE_NAME_MAX + 1];
    size_t len;

    if (strlen(name) > METRIC_STORE_NAME_MAX)
        return;
    len = metric_mangle(name, shown);
    shown[cut ? without_kind(shown, len) : len] = '\0';
    put_sample(s, m, shown);
}

static void put_metric(const struct showing *s, const struct node_metric *m)
{
    const struct name_pairs *aliases = &s->config->metric_aliases;
    enum metric_names names = s->config->metric_names;
    struct span name = span_of(m->name);
    const char *legacy = names == METRIC_NAMES_NEW ? NULL : legacy_metric_of(name, 0);

    if (!legacy || names == METRIC_NAMES_BOTH)
        put_by_name(s, m, m->name, s->config->metrics_no_suffix);
    for (size_t i = 1; legacy; i++) {
        put_sample(s, m, legacy);
        legacy = legacy_metric_of(name, i);
    }
    for (size_t i = 0; i < aliases->count; i++)
        if (strcmp(aliases->at[i].name, m->name) == 0)
            put_by_name(s, m, aliases->at[i].value, false);
}

void metric_show_node(struct metric_page *p, const struct collector_config *config,
                      const struct collector_node *node, bool labelled)
{
    const struct showing s = { p, config, node, labelled, node->number };

    for (size_t i = 0; node->metrics && i < node->metrics->count; i++)
        if (is_shown(node->metrics->at[i]))
            put_metric(&s, node->metrics->at[i]);
}

/* --- The collector's own ------------------------------------------------------------------------- */

static struct metric_family *own(struct metric_page *p, const char *name, enum metric_type type,
                                 const char *help)
{
    struct metric_family *f = metric_page_family(p, span_of(name), type, 0);

    if (f)
        f->help = help;
    return f;
}

void metric_show_clock(struct metric_page *p, int64_t now_ns)
{
    struct metric_family *f = own(p, "ekg_server_timestamp_ms", METRIC_COUNTER,
                                  "The collector's clock, in milliseconds since 1970.");

    if (!f)
        return;
    metric_page_sample(p, f, 0);
    metric_page_integer(p, now_ns / 1000000);
}

/* One number of each node. */
struct node_number {
    const char *name, *help;
    enum metric_type type;
    double (*of)(const struct collector_node *n);
};

#define OF_NODE(what, expression)                      \
    static double what(const struct collector_node *n) \
    {                                                  \
        return (double)(expression);                   \
    }
OF_NODE(connected, n->is_connected)
OF_NODE(waiting, n->is_waiting)
OF_NODE(connections, n->counts.connections)
OF_NODE(objects, n->counts.objects)
OF_NODE(repeated, n->counts.repeated)
OF_NODE(lines, n->counts.lines)
OF_NODE(bytes, n->counts.bytes)
OF_NODE(lost_here, n->counts.lost_here)
OF_NODE(lost_there, n->counts.lost_there)
OF_NODE(refused_metrics, n->metrics ? n->metrics->refused : 0)
OF_NODE(last_object, (double)n->last_object_ns / 1e9)

static const struct node_number node_numbers[] = {
    { "ouroscope_collector_node_connected", "Whether the node is connected.", METRIC_GAUGE,
      connected },
    { "ouroscope_collector_node_waiting", "Whether lines of the node cannot be written now.",
      METRIC_GAUGE, waiting },
    { "ouroscope_collector_connections_total", "Connections of the node so far.", METRIC_COUNTER,
      connections },
    { "ouroscope_collector_objects_total", "Trace objects taken from the node.", METRIC_COUNTER,
      objects },
    { "ouroscope_collector_repeated_objects_total",
      "Of them, sent again after a lost connection and not written twice.", METRIC_COUNTER,
      repeated },
    { "ouroscope_collector_lines_total", "Lines written, over all logging entries.", METRIC_COUNTER,
      lines },
    { "ouroscope_collector_written_bytes_total", "Bytes of these lines.", METRIC_COUNTER, bytes },
    { "ouroscope_collector_lost_lines_total", "Lines that could not be written and were given up.",
      METRIC_COUNTER, lost_here },
    { "ouroscope_collector_dropped_objects_total",
      "Objects that the node's forwarder says it dropped.", METRIC_COUNTER, lost_there },
    { "ouroscope_collector_refused_metrics_total",
      "Metrics passed over: too many, too long, or of another kind than at first.", METRIC_COUNTER,
      refused_metrics },
    { "ouroscope_collector_last_object_time_seconds",
      "When the last trace object came, in seconds since 1970; 0: none has.", METRIC_GAUGE,
      last_object },
};

static void put_node_number(struct metric_page *p, const struct node_number *number,
                            const struct collector_nodes *nodes)
{
    for (size_t i = 0; i < nodes->count; i++) {
        struct metric_family *f = own(p, number->name, number->type, number->help);

        if (!f)
            return;
        label_set_add(metric_page_sample(p, f, 0), span_of("node_name"),
                      span_of(nodes->at[i]->name));
        metric_page_real(p, number->of(nodes->at[i]));
    }
}

static void put_severities(struct metric_page *p, const struct collector_node *node)
{
    static const char *const severities[] = { "Debug", "Info",     "Notice", "Warning",
                                              "Error", "Critical", "Alert",  "Emergency" };

    for (size_t i = 0; i < 8; i++) {
        struct metric_family *f =
            own(p, "ouroscope_collector_objects_by_severity_total", METRIC_COUNTER,
                "Trace objects taken from the node, by their severity.");
        struct label_set *labels;

        if (!f)
            return;
        labels = metric_page_sample(p, f, 0);
        label_set_add(labels, span_of("node_name"), span_of(node->name));
        label_set_add(labels, span_of("severity"), span_of(severities[i]));
        metric_page_unsigned(p, node->by_severity[i]);
    }
}

static void put_number(struct metric_page *p, const char *name, enum metric_type type,
                       const char *help, double value)
{
    struct metric_family *f = own(p, name, type, help);

    if (!f)
        return;
    metric_page_sample(p, f, 0);
    metric_page_real(p, value);
}

static struct metric_family *left_out_family(struct metric_page *p)
{
    return own(p, "ouroscope_collector_page_left_out_samples", METRIC_GAUGE,
               "Samples that are not on this page, because one node had more than its share.");
}

static void put_history(struct metric_page *p, const struct history *h)
{
    struct history_stats stats = history_stats_of(h);

    put_number(p, "ouroscope_collector_history_series", METRIC_GAUGE,
               "Series whose last hours are kept.", (double)stats.series);
    put_number(p, "ouroscope_collector_history_samples", METRIC_GAUGE, "Samples of these series.",
               (double)stats.samples);
    put_number(p, "ouroscope_collector_history_bytes", METRIC_GAUGE,
               "Memory of these samples, in bytes.", (double)stats.bytes);
    put_number(p, "ouroscope_collector_history_dropped_samples_total", METRIC_COUNTER,
               "Samples dropped before their time, because memory for them was full.",
               (double)stats.dropped_samples);
}

void metric_show_own(struct metric_page *p, const struct collector_view *view)
{
    for (size_t i = 0; i < sizeof node_numbers / sizeof *node_numbers; i++)
        put_node_number(p, &node_numbers[i], view->nodes);
    for (size_t i = 0; i < view->nodes->count; i++)
        put_severities(p, view->nodes->at[i]);
    put_number(p, "ouroscope_collector_refused_connections_total", METRIC_COUNTER,
               "Connections that were refused: wrong magic, garbage, too many.",
               (double)view->refused_connections);
    put_number(p, "ouroscope_collector_start_time_seconds", METRIC_GAUGE,
               "When the collector started, in seconds since 1970.",
               (double)view->started_ns / 1e9);
    if (view->history)
        put_history(p, view->history);
    left_out_family(p); /* is known at the end, but no node shall take the name */
}

void metric_show_left_out(struct metric_page *p)
{
    struct metric_family *f;

    metric_page_share(p, SIZE_MAX, SIZE_MAX);
    f = left_out_family(p);
    if (!f)
        return;
    metric_page_sample(p, f, 0);
    metric_page_unsigned(p, p->left_out);
}
