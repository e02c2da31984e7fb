/* The collector's configuration: cardano-tracer's file, in its forms of 2023 and 2026, and additions of
 * ours, which stand in the member `ouroscope`, so that the file stays usable by cardano-tracer.
 *
 * docs/formats/tracer-configuration.md has all members with their defaults. */
#ifndef OU_COLLECT_CONFIG_H
#define OU_COLLECT_CONFIG_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/endpoint.h"
#include "base/span.h"
#include "base/status.h"

#define COLLECTOR_ENDPOINTS_MAX 4096 /* of ConnectTo */
#define COLLECTOR_LOGS_MAX 16
#define COLLECTOR_RULES_MAX 64

/* `network`: AcceptAt one address, or ConnectTo several. */
struct collector_network {
    bool listen;
    struct endpoint *at;
    size_t count;
};

enum log_mode { LOG_FILES, LOG_JOURNAL };
enum log_format {
    LOG_MACHINE, /* ForMachine: .json */
    LOG_HUMAN,   /* ForHuman: .log */
    LOG_LEGACY,  /* ForLegacy, ours: the layout and names of the older system; .scjson */
};

struct log_entry {
    const char *root; /* logRoot */
    enum log_mode mode;
    enum log_format format;
};

struct log_rotation { /* absent: files are never rotated or deleted */
    bool wanted;
    uint32_t period_s;    /* rpFrequencySecs; 60 */
    uint64_t limit_bytes; /* rpLogLimitBytes */
    uint64_t max_age_min; /* rpMaxAgeMinutes, or rpMaxAgeHours * 60; 1440 */
    uint32_t keep_files;  /* rpKeepFilesNum */
};

/* epHost, epPort, epForceSSL. */
struct web_endpoint {
    bool wanted, force_tls;
    const char *host;
    uint16_t port;
};

enum collector_verbosity { VERBOSITY_MINIMUM, VERBOSITY_ERRORS, VERBOSITY_MAXIMUM };

struct name_pair {
    const char *name, *value;
};

struct name_pairs { /* in the order of the file */
    struct name_pair *at;
    size_t count;
};

/* hasForwarding: [network, null or [[segment, ...], ...], TraceOptionForwarder] */
struct collector_forwarding {
    bool wanted;
    struct collector_network network;
    bool filtered;
    const char **
        prefixes; /* dotted names; a message passes when one of them is its name or a prefix of it that ends at a dot */
    size_t prefix_count;
    uint32_t queue_count; /* queueSize; 192, or as the former two keys say */
    uint32_t max_reconnect_s;
};

/* --- What is ours: the member `ouroscope` ------------------------------------------------- */

/* ouroscope.fsync: when written lines are made durable. */
enum log_durability {
    DURABLE_NEVER, /* "never": when the system likes; a crash of the machine may lose the last half minute */
    DURABLE_PERIOD, /* "interval": every fsyncSeconds, for files that were written to */
    DURABLE_BATCH,  /* "batch": before more is asked of the node */
};

/* ouroscope.whenUnwritable: what becomes of lines that cannot be written. */
enum log_unwritable {
    UNWRITABLE_WAIT, /* "wait": they are kept, and no more is asked of the node until they are written */
    UNWRITABLE_DROP, /* "drop": they are counted as lost */
};

/* ouroscope.metricNames: what the page shows. */
enum metric_names { METRIC_NAMES_NEW, METRIC_NAMES_LEGACY, METRIC_NAMES_BOTH };

/* One of ouroscope.notifications. */
struct notification_rule {
    const char *name;      /* for messages; "webhook 1" when not given */
    int severity_min;      /* of messages, 0..7; -1: messages do not notify */
    const char *namespace; /* of messages: this name, or names below it; NULL: all */
    bool node_down; /* a node that was connected has gone, and not come back within graceSeconds */
    uint32_t grace_s;     /* 10 */
    uint32_t silence_s;   /* a connected node has sent no trace object for so long; 0: off */
    bool write_failed;    /* log files cannot be written */
    bool lost;            /* a forwarder or the collector lost objects */
    uint32_t group_s;     /* events within so many seconds are one notification; 30 */
    const char *webhook;  /* URL, gets a POST of JSON; NULL: none */
    const char **command; /* argv, NULL at the end; gets the JSON on standard input; NULL: none */
};

struct collector_config {
    struct arena memory; /* of all that is below */

    uint32_t magic; /* networkMagic */
    struct collector_network network;
    struct log_entry logs[COLLECTOR_LOGS_MAX];
    size_t log_count;
    struct log_rotation rotation;
    uint16_t request_count;  /* loRequestNum; 100 */
    double metrics_period_s; /* ekgRequestFreq; 1.0 */
    bool metrics_full;       /* ekgRequestFull */
    struct web_endpoint prometheus, ekg, rtview, timeseries;
    struct web_endpoint ekg_second;          /* the form of 2023 has two: list and page */
    const char *certificate_file, *key_file; /* tlsCertificate; NULL: none */
    const char **chain_files;
    size_t chain_count;
    struct collector_forwarding forwarding;
    enum collector_verbosity verbosity;
    struct name_pairs metric_aliases; /* metricsComp: name -> alias */
    bool metrics_no_suffix;
    struct name_pairs metric_help; /* metricsHelp, or what is in the file it names */
    const char *metric_help_file;  /* that file; NULL: none */
    struct name_pairs prometheus_labels;
    uint32_t resource_period_ms; /* resourceFreq; 0: off */

    enum log_durability durability; /* ouroscope.fsync; never */
    uint32_t fsync_s;               /* ouroscope.fsyncSeconds; 5 */
    enum log_unwritable unwritable; /* ouroscope.whenUnwritable; wait */
    enum metric_names metric_names; /* ouroscope.metricNames; new */
    uint32_t history_min;           /* ouroscope.history.minutes; 180; 0: no history */
    uint32_t history_step_s;        /* ouroscope.history.stepSeconds; 5 */
    uint64_t history_bytes;         /* ouroscope.history.maxBytes; 32 MiB */
    uint32_t connections_max;       /* ouroscope.maxConnections; 1024 */
    uint64_t message_bytes;         /* ouroscope.maxMessageBytes; 64 MiB */
    uint64_t held_bytes;            /* ouroscope.maxHeldBytes; 256 MiB */
    struct notification_rule rules[COLLECTOR_RULES_MAX];
    size_t rule_count;
};

/* Reads text (YAML or JSON; name is for messages: NAME:LINE: what); the file that metricsHelp may name is read by
 * collector_config_load() only. Unknown members go into warnings, a line each, with the
 * nearest known one. Relative paths are as they stand (from the current folder). OU_INVALID also for what
 * cardano-tracer refuses: AcceptAt is empty, ConnectTo are empty, empty logRoot(s), no host(s) in hasEKG, no host in
 * hasPrometheus, duplicate ports in config. The caller frees *ret. */
enum ou_status collector_config_parse(struct span text, const char *name, struct buffer *warnings,
                                      struct collector_config **ret, struct ou_error *err);
enum ou_status collector_config_load(const char *path, struct buffer *warnings,
                                     struct collector_config **ret, struct ou_error *err);
void collector_config_free(struct collector_config *c);

/* Whom the configuration is shown to. */
enum config_view {
    CONFIG_FOR_OWNER, /* --check --json: all of it, in lines */
    CONFIG_FOR_LOGS, /* Tracer.ConfigIs: without blanks; of a webhook its host, of a command its program: they hold passwords */
};

/* The configuration with every default filled in, as JSON. */
void collector_config_json(const struct collector_config *c, struct buffer *out,
                           enum config_view view);

#endif
