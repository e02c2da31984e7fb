/* The documentation of trace points: what ou_trace_document() makes, of some of them. */
#ifndef OU_TRACE_DOCUMENT_H
#define OU_TRACE_DOCUMENT_H

#include <ouroscope/point.h>

#include "base/status.h"

struct config;

typedef bool document_wanted(const struct ou_point *point);

/* In Markdown, as seen by a configuration. wanted NULL: all points. The caller free()s *ret. */
enum ou_status document_make(const struct config *config, const char *title,
                             document_wanted *wanted, char **ret, struct ou_error *err);

/* What the library says about itself is always told, whatever the configuration. */
bool document_is_unfiltered(const struct ou_point *point);

/* What stands in the JSON, in words: "string of digits". */
const char *document_type_words(enum ou_type type);

#endif
