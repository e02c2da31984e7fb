/* Names of the older system (before 2023), and what they are called today.
 *
 * One home for these facts: data/legacy-names.tsv (events), data/legacy-toggles.tsv (loggers and switches of the
 * configuration), data/legacy-metrics.tsv, built in. Read on first use; any thread; texts stay for good. Where
 * names are compared, "X.*" in a table stands for all names below X.
 *
 * No direction is one to one: an old name may have become several, and several may have become one. */
#ifndef OU_TRACE_LEGACY_NAMES_H
#define OU_TRACE_LEGACY_NAMES_H

#include "base/span.h"

/* --- One message ---------------------------------------------------------------------- */

/* How a message looked in the older system. */
struct legacy_form {
    const char *logger; /* behind "cardano.node."; NULL: there was none for it */
    const char *kind;   /* of data; NULL: as it is today, or it was not there */
    bool wrapped;       /* data was {"credentials":"Cardano","val":DATA} */
};

/* ns: the dotted name, of 2023 or 2026. A message that is newer than the older system gets the logger of its
 * neighbours; *ret is zeroed for names that have not even that. */
struct legacy_form legacy_form_of(struct span ns);

/* Members of the above. */
const char *legacy_kind_of(struct span ns);
const char *legacy_logger_of(struct span ns);
bool legacy_wraps_credentials(struct span ns);

/* Whether a node is known to have, or to have had since 2023, a message of this name or names below
 * it. The tables have most names, not all. */
bool legacy_has_namespace(struct span ns);

/* What a name of 2023, or a pattern of the tables, is called today: itself mostly; NULL: it is
 * gone. */
const char *legacy_today(const char *ns);

/* --- One metric ------------------------------------------------------------------------ */

/* The name on the older system's page of metrics ("cardano_node_metrics_slotNum_int") of a
 * metric as a node of 2023 or 2026 calls it: "ChainDB.SlotNum", "cardano.node.metrics.slotNum_int"; the
 * prefix may be missing, and so may the suffix of the kind; "_" counts like ".". which: 0, 1, ... of several; NULL
 * behind the last one. */
const char *legacy_metric_of(struct span name, size_t which);

/* --- The tables ------------------------------------------------------------------------- */

enum legacy_generation {
    LEGACY_KIND, /* data.kind in the older system; of several the first is what its last nodes wrote */
    LEGACY_MESSAGE, /* likewise, data.msg.kind of a mini-protocol's message; data is today as it was */
    LEGACY_EARLY,  /* ns of the first iteration of the new system, 2021/22 */
    LEGACY_FORMER, /* ns of 2023, where it has another today */
    LEGACY_READER, /* ns that tables of readers have, though no node writes it */
    LEGACY_PART,   /* ns of 2023; of its members some are in this ns today */
};

struct legacy_name {
    enum legacy_generation generation;
    const char *old, *ns; /* ns: of 2023 where a LEGACY_FORMER row leads on, else today's; NULL: it
                             is gone */
};
const struct legacy_name *legacy_names(size_t *ret_count);

/* A switch of the older configuration, and the logger that it switched. */
struct legacy_toggle {
    const char *toggle; /* "TraceChainDb"; NULL: it was always on */
    const char *logger; /* as above; NULL: metrics only */
    const char *ns;
    bool wrapped;
};
const struct legacy_toggle *legacy_toggles(size_t *ret_count);

/* NULL: it had, or has, none. */
struct legacy_metric {
    const char *old;   /* on the older system's page: "cardano_node_metrics_slotNum_int" */
    const char *early; /* in the store of 2023: "ChainDB.SlotNum" */
    const char *name;  /* today, without a prefix, with the suffix of its kind: "slotNum_int" */
};
const struct legacy_metric *legacy_metrics(size_t *ret_count);
/* Whether a node of 2023 or 2026 calls the metric so; spelt as for legacy_metric_of(). */
bool legacy_metric_is(const struct legacy_metric *m, struct span name);

#endif
