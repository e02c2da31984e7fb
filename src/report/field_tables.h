/* The tables of the field's comparison reports: a line for each metric with its
 * published label, the base, and each variant with its difference. Numbers are
 * rounded as those reports round them, so that they can be laid beside each
 * other. */
#ifndef OU_REPORT_FIELD_TABLES_H
#define OU_REPORT_FIELD_TABLES_H

#include "base/buffer.h"
#include "report/document.h"
#include "study/comparison.h"

/* Appends a value as published: five decimals for times, else four below 10, three below 100, two below 1,000, one below
 * 10,000, then none; 7.3e-5 below 0.0001 and 0.0 below 0.00001; no zeros at the end where there are more than three
 * decimals. NaN: "-". */
void field_value(struct buffer *out, const struct metric_info *info, double value);

/* Percent of the base, from exact values: whole, with one decimal below 1; "?" where the base is 0. */
void field_percent(struct buffer *out, double base, double variant);

/* Resource usage, anomaly control, forging, individual peer and end-to-end propagation; a table without any value is
 * left out. */
void add_field_tables(const struct comparison *c, struct document *d);

#endif
