/* The metric dictionary: one row per measured thing, read from data/metrics.tsv,
 * which is built into the program. Everything that names a metric, its unit or
 * its meaning takes it from here. */
#ifndef OU_ANALYSE_DICTIONARY_H
#define OU_ANALYSE_DICTIONARY_H

#include <stddef.h>

enum metric_section {
    SECTION_SUMMARY,
    SECTION_CONTROL, /* anomaly control */
    SECTION_FORGER,
    SECTION_PEERS,
    SECTION_ENDTOEND,
    SECTION_MACHPERF,
    SECTION_MACHPERF_JSON, /* machine performance, shown in JSON and CSV only */
    SECTION_PROCESS,       /* only in runs of programs that are no nodes */
    SECTION_RTS,           /* only in runs of GHC programs that kept statistics */
    SECTION_SYNC,          /* only in runs in which nodes follow a chain that was there */
    SECTION_BLOCK_TIMELINE,
    SECTION_SLOT_TIMELINE,
    SECTION_COUNT,
};

enum metric_direction { DIRECTION_NONE, DIRECTION_LESS_IS_BETTER, DIRECTION_MORE_IS_BETTER };

struct metric_info {
    enum metric_section section;
    const char *id;    /* "cdfForgerStart", "CentiCpu", "sumHosts" */
    const char *name;  /* short and readable, unique in its section: "forge loop start" */
    const char *label; /* the row label of published reports */
    const char *unit;  /* "s", "MB", "%", "#", "B", ...; may be "" */
    int precision;     /* decimals in tables */
    enum metric_direction direction;
    const char *aggregation; /* what it is a distribution over */
    const char *description;
    const char *formula; /* the definition in force here */
    const char *compat;  /* what --compat locli computes instead; "" when the same */
};

size_t dictionary_count(void);
const struct metric_info *dictionary_row(size_t i);
/* NULL when there is no such metric in that section. */
const struct metric_info *dictionary_find(enum metric_section section, const char *id);
const char *section_name(enum metric_section section);  /* "forger" */
const char *section_title(enum metric_section section); /* "Forging" */

#endif
