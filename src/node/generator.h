/* The load generator: makes transactions from genesis funds and submits them to nodes at a rate, as
 * a client of tx-submission. */
#ifndef OU_NODE_GENERATOR_H
#define OU_NODE_GENERATOR_H

#include "base/status.h"
#include "node/collector_address.h"

/* Runs the configuration of that path (docs/formats/generator-configuration.md) to its end, or until SIGINT or
 * SIGTERM. The summary is traced. */
enum ou_status generator_run(const char *config_path, const struct collector_address *collector,
                             struct ou_error *err);

#endif
