/* Where a socket is: a path of the file system, or a host and port. */
#ifndef OU_BASE_ENDPOINT_H
#define OU_BASE_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* The longest path that a socket can have on Linux, and the longest host name. */
#define ENDPOINT_PATH_MAX 107
#define ENDPOINT_HOST_MAX 255

struct endpoint {
    bool is_path;
    uint16_t port;                    /* 0: a free one, when listening */
    char text[ENDPOINT_HOST_MAX + 1]; /* the path, or the host without brackets */
};

/* "HOST:PORT" and "[V6]:PORT" without a slash are a host and port, all else is a path: as
 * cardano-tracer reads an address. OU_INVALID with a reason: empty, too long for a socket (it
 * tells to use a shorter or a relative path), and what was meant as host and port but is none: a
 * port above 65535, no host, an address with colons and no brackets. */
enum ou_status endpoint_parse(const char *text, struct endpoint *ret, struct ou_error *err);

/* The path, or host:port with brackets where the host has colons. Returns the length. */
#define ENDPOINT_ROOM (ENDPOINT_HOST_MAX + 16)
size_t endpoint_format(const struct endpoint *e, char ret[ENDPOINT_ROOM]);

#endif
