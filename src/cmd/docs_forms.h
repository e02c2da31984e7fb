/* Trace points as JSON and as a JSON Schema: what `ouroscope docs traces --format` prints beside
 * Markdown. */
#ifndef OU_CMD_DOCS_FORMS_H
#define OU_CMD_DOCS_FORMS_H

#include "json/tree.h"
#include "trace/document.h"

/* All that the Markdown says: messages, metrics, the configuration. The caller json_decref()s *ret. */
enum ou_status docs_json(const struct config *config, document_wanted *wanted, json_t **ret,
                         struct ou_error *err);

/* A JSON Schema (draft 2020-12) of the lines of the machine format: `ns` decides what `data` has, at
 * any detail. */
enum ou_status docs_schema(document_wanted *wanted, json_t **ret, struct ou_error *err);

#endif
