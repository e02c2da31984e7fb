/* The tables of a report as columns and cells; csv.c and org.c only differ in
 * how they write them. docs/formats/tables.md explains every column. */
#ifndef OU_REPORT_TABLES_H
#define OU_REPORT_TABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "analyse/analysis.h"
#include "base/buffer.h"
#include "report/cell.h"

enum report_table {
    TABLE_METRICS,      /* a row per metric */
    TABLE_HOSTS,        /* a row per host */
    TABLE_BLOCKS,       /* a row per block: the block timeline */
    TABLE_OBSERVATIONS, /* a row per block and host that saw its header */
    TABLE_SLOTS,        /* a row per host and slot; see slot_table_writer.h */
    REPORT_TABLES,
};

/* "metrics", "hosts", ... */
const char *report_table_name(enum report_table table);
bool report_table_find(const char *name, enum report_table *ret);

/* What a row is about: a position in the analysis, and room for composed text.
 * Set a and scratch, the rest zero; then table_next() once per row. */
struct table_row {
    const struct analysis *a;
    struct buffer *scratch; /* not owned */
    size_t next, next_observation;
    const struct metric_result *metric;
    const struct host_result *host;
    const struct chain_block *block;
    const struct block_observation *observation;
};

struct table_column {
    const char *id;
    struct cell (*get)(const struct table_row *row, int which);
    int which;
    int width; /* of the cell in an Org table, which cuts decimals and hashes; 0: never cut */
};

struct table_columns {
    const struct table_column *at;
    size_t count;
};

/* table is not TABLE_SLOTS, whose rows are no part of the analysis. */
struct table_columns table_columns(enum report_table table);

/* The part of TABLE_BLOCKS that is the dictionary's block timeline: its head. */
struct table_columns table_block_timeline(void);

/* Moves on to the next row; false when there is none. */
bool table_next(enum report_table table, struct table_row *row);

/* "chained", "unchained", "pending". */
const char *block_fate_name(enum block_fate fate);

#endif
