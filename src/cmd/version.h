/* --version: what this build is, so that somebody else can tell why theirs does something else. */
#ifndef OU_CMD_VERSION_H
#define OU_CMD_VERSION_H

#include <stdbool.h>

/* On standard output, where failures to write stick to the stream: "ouroscope 0.1.0" and the facts in lines below it, or all of
 * it as a JSON object. False, and nothing, when there is no memory for that. Main thread. */
bool version_print(bool as_json);

#endif
