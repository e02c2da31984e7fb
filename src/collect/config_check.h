/* What a configuration needs of the machine, looked at without changing anything. */
#ifndef OU_COLLECT_CONFIG_CHECK_H
#define OU_COLLECT_CONFIG_CHECK_H

#include "collect/config.h"

/* Appends a warning for each log root that cannot be made or written to, and for a journal that is not there, a line each; name is
 * that of the configuration. OU_IO: a file of tlsCertificate cannot be read: the collector would not start. May wait for disks. */
enum ou_status collector_config_check(const struct collector_config *c, const char *name,
                                      struct buffer *warnings, struct ou_error *err);

#endif
