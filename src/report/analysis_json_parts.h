/* The members of the analysis file that analysis_json.c puts together. */
#ifndef OU_REPORT_ANALYSIS_JSON_PARTS_H
#define OU_REPORT_ANALYSIS_JSON_PARTS_H

#include "analyse/analysis.h"
#include "json/write.h"

/* NULL for NO_HOST. */
const char *analysis_json_host(const struct analysis *a, uint32_t host);

void analysis_json_reading(struct json_writer *w, const struct analysis *a);
void analysis_json_load(struct json_writer *w, const struct analysis *a);
void analysis_json_hosts(struct json_writer *w, const struct analysis *a);
void analysis_json_filters(struct json_writer *w, const struct analysis *a);
void analysis_json_chain(struct json_writer *w, const struct analysis *a);
void analysis_json_metrics(struct json_writer *w, const struct analysis *a);
void analysis_json_timeline(struct json_writer *w, const struct analysis *a);
void analysis_json_arrival(struct json_writer *w, const struct analysis *a);

#endif
