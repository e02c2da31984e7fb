/* Names of what is in a bundle: relative, "/" between their parts, none of them leading out of the folder. Pure; any thread. */
#ifndef OU_STORAGE_BUNDLE_NAMES_H
#define OU_STORAGE_BUNDLE_NAMES_H

#include "base/span.h"

#define BUNDLE_NAME_BYTES_MAX 1024
#define BUNDLE_PART_BYTES_MAX 255 /* what file systems take */
#define BUNDLE_DEPTH_MAX 64       /* parts of a name */
#define BUNDLE_SHOWN_ROOM 128

/* What is wrong with a name: "it is absolute", ...; NULL: nothing. */
const char *bundle_name_fault(struct span name);

/* A name of somebody who may mean harm, as messages may have it: printable ASCII, and of a bounded length. */
void bundle_name_shown(struct span name, char ret[BUNDLE_SHOWN_ROOM]);

#endif
