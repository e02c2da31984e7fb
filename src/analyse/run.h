/* The whole of an analysis: from log files to struct analysis. */
#ifndef OU_ANALYSE_RUN_H
#define OU_ANALYSE_RUN_H

#include "analyse/analysis.h"
#include "analyse/cluster_map.h"
#include "analyse/slot_table.h"
#include "logs/ingest.h"

struct analysis_request {
    const struct genesis *genesis;
    const char *genesis_source;        /* path or network name, for the report */
    const struct run_context *context; /* NULL: nothing is known of the run */
    const struct cluster_map *map;     /* NULL: who is joined with whom is not known */
    const struct rts_hosts *rts;       /* statistics of GHC programs; NULL: there are none */
    struct filter_set *filters;        /* built; its `compat` is this request's */
    bool compat;                       /* as locli does it: differences.h */
    enum quantile_rule rule;           /* compat wants QUANTILE_LOCLI */
    const char *date;                  /* of the analysis, "YYYY-MM-DD"; NULL: not recorded */
    struct ingest_options reading;
    const struct slot_sink *slots; /* NULL: nobody wants the slot records */
};

/* Reads inputs (sorted) and analyses them. The texts that the request points to
 * must outlive *ret. OU_INTERRUPTED, OU_NO_MEMORY and OU_TOO_LARGE end it; bad
 * lines and files do not: they are told in *ret. */
enum ou_status analysis_run(const struct analysis_request *request, struct log_inputs *inputs,
                            struct analysis *ret, struct ou_error *err);
void analysis_release(struct analysis *a);

#endif
