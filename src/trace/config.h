/* The tracing part of a node's configuration file, YAML or JSON.
 *
 * Read as cardano-node reads it: per option, the longest prefix of a name that
 * defines the option wins; the root ("" or "_root_") is completed by the
 * defaults. Members of the file that are not about tracing are not looked at. */
#ifndef OU_TRACE_CONFIG_H
#define OU_TRACE_CONFIG_H

#include <ouroscope/point.h>

#include "base/buffer.h"
#include "base/status.h"

/* Bits of backends. Of Stdout formats a rule has one at most. */
#define BACKEND_STDOUT_MACHINE 1u
#define BACKEND_STDOUT_HUMAN 2u
#define BACKEND_STDOUT_COLOURED 4u
#define BACKEND_FORWARDER 8u
#define BACKEND_EKG 16u
#define BACKEND_DATAPOINT 32u
#define BACKEND_PROMETHEUS 64u
#define BACKEND_STDOUT_LEGACY 128u
#define BACKEND_STDOUT 135u               /* any of the four */
#define BACKEND_FILE(i) (1u << (8 + (i))) /* config.files[i] */
#define CONFIG_FILES_MAX 16

/* What applies to one name, everything filled in. */
struct rule {
    enum ou_severity severity; /* OU_SILENCE: nothing passes */
    enum ou_detail detail;
    unsigned backends;
    double max_frequency; /* messages a second; 0: no limit */
};

enum file_format { FILE_MACHINE, FILE_HUMAN, FILE_COLOURED, FILE_LEGACY };

/* Our addition to the backends of cardano-node: "File FORMAT PATH"; FORMAT is MachineFormat,
 * HumanFormatUncoloured, HumanFormatColoured, or LegacyFormat: the layout of the older system. */
struct config_file {
    enum file_format format;
    char *path;
};

struct config_prometheus {
    bool wanted, suffix;
    char *host;
    int port;
    double conn_timeout_s;  /* 22 */
    int conn_global;        /* 16 */
    int conn_per_host;      /* 5 */
    double conn_per_second; /* 8 */
};

struct config_forwarder {
    int queue_size;  /* 65536; from the former two keys where only they are given */
    int queue_bytes; /* our addition; 64 MiB */
    bool verbose;
    int max_reconnect_delay; /* s; 45 */
};

/* UseTraceDispatcher: false. The older system, for comparison. */
struct config_legacy {
    bool wanted;
    enum ou_severity min_severity; /* minSeverity; Info */
    bool maximal;                  /* TracingVerbosity: MaximalVerbosity */
    bool to_stdout;                /* a scribe of kind StdoutSK, or no scribes at all */
    char *path;                    /* scName of a scribe of kind FileSK; NULL: none */
};

/* Immutable once read; any thread. */
struct config {
    char *node_name;           /* TraceOptionNodeName; NULL: absent */
    char *metrics_prefix;      /* "" or ends in a dot; "cardano.node.metrics." */
    int resource_frequency_ms; /* 1000; 0: off */
    int ledger_frequency; /* TraceOptionLedgerMetricsFrequency; every so many slots; 1; 0: off */
    struct config_prometheus prometheus;
    struct config_forwarder forwarder;
    struct config_legacy legacy;
    struct config_file files[CONFIG_FILES_MAX];
    int file_count;
    struct options *options; /* config.c's: the map of names */
};

/* Reads text (name is for messages: NAME:LINE: what). What is odd but no error
 * goes into warnings, a line each: unknown TraceOption keys and option members, with
 * the nearest known one; names that points_know() does not know, in the words
 * "Config namespace error: Illegal namespace X"; features of the file that have no effect here. The
 * caller config_free()s *ret. */
enum ou_status config_parse(const char *text, size_t len, const char *name, struct buffer *warnings,
                            struct config **ret, struct ou_error *err);
enum ou_status config_load(const char *path, struct buffer *warnings, struct config **ret,
                           struct ou_error *err);

/* The configuration of a program that has none, cardano-node's of 2026: root Notice, DNormal,
 * Stdout MachineFormat and EKGBackend, with some names more or less severe, and five limited. The
 * TraceOptions of a file, when there are any, replace all these; what their root leaves open is
 * Notice, DNormal and Stdout MachineFormat. NULL: no memory. */
struct config *config_default(void);
void config_free(struct config *config);

/* Whether anything is to go to a collector. */
bool config_forwards(const struct config *config);

/* What applies to a full name. */
struct rule config_rule(const struct config *config, const char *ns);

/* The effective configuration as a JSON object, without blanks: what
 * Reflection.TracerConfigInfo shows. */
void config_json(const struct config *config, struct buffer *out);

#endif
