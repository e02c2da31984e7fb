/* The tables of a document as programs read them: which fields its columns come
 * down to. An interval is two fields, a metric's name has its id beside it, and a
 * sketch is none. The CSV and JSON writers share it. Any thread. */
#ifndef OU_REPORT_DOCUMENT_FIELDS_H
#define OU_REPORT_DOCUMENT_FIELDS_H

#include <stddef.h>

#include "base/buffer.h"
#include "report/document.h"

enum doc_field_part {
    FIELD_VALUE,  /* the number or text: "delta" */
    FIELD_LOW,    /* of an interval: "deltaLow" */
    FIELD_HIGH,   /* "deltaHigh" */
    FIELD_METRIC, /* "metricId" beside "metric": "endtoend/cdf0.50" */
    FIELD_PARTS,
};

struct doc_fields {
    struct doc_field {
        size_t column;
        enum doc_field_part part;
    } at[DOC_COLUMNS_MAX * FIELD_PARTS];
    size_t count;
};

struct doc_field_value {
    enum { FIELD_NOTHING, FIELD_TEXT, FIELD_NUMBER } kind;
    const char *text; /* for an end of an interval that is not there: "unbounded" */
    double number;    /* finite */
};

void doc_fields_of(const struct doc_table *t, struct doc_fields *ret);
/* Appends the name of a field. */
void doc_field_name(const struct doc_table *t, const struct doc_field *field, struct buffer *out);
struct doc_field_value doc_field_value(const struct doc_table *t, size_t row,
                                       const struct doc_field *field);

#endif
