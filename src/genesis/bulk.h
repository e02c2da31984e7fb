/* The keys of a host with several pools, in one file: nodes read them as "bulk credentials". */
#ifndef OU_GENESIS_BULK_H
#define OU_GENESIS_BULK_H

#include "profile/profile.h"

/* DIRECTORY/keys/bulk-NODE.creds of each host with more than one pool, from the pools' key files in DIRECTORY/keys: a list of
 * [certificate, VRF signing key, KES signing key], each as in its own file. Mode 0600. */
enum ou_status genesis_write_bulk(const struct profile *p, const char *directory,
                                  struct ou_error *err);

#endif
