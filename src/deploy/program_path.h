/* Where a program is. */
#ifndef OU_DEPLOY_PROGRAM_PATH_H
#define OU_DEPLOY_PROGRAM_PATH_H

#include <limits.h>

#include "base/status.h"

/* The whole path of an executable file: of `name` itself where it has a slash, else of the first such in PATH. OU_NOT_FOUND
 * when there is none. Links are not followed: a program may look at the name it was called by. One thread, as getenv(). */
enum ou_status program_path(const char *name, char ret[PATH_MAX], struct ou_error *err);

#endif
