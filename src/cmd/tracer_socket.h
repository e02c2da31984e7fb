/* The options of a program that say where its traces are collected (TRACER_OPTIONS in commands.h). */
#ifndef OU_CMD_TRACER_SOCKET_H
#define OU_CMD_TRACER_SOCKET_H

#include "cmd/commands.h"
#include "node/collector_address.h"

/* first: the row of the first of them. OU_USAGE: several were given, or no path or no host and port. What becomes of
 * the connection is said on standard error. */
enum ou_status tracer_socket_of(const struct parsed_options *options, size_t first,
                                struct collector_address *ret, struct ou_error *err);

#endif
