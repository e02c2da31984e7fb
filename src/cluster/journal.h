/* What happened to a deployment, one JSON object a line: {"at", "from", "host", "what"}. It is for people who want to know why, and is
 * read by no program. Never a URL, never a key. Any thread. */
#ifndef OU_CLUSTER_JOURNAL_H
#define OU_CLUSTER_JOURNAL_H

#include <pthread.h>

#include "base/status.h"

struct journal {
    pthread_mutex_t mutex;
    int fd; /* -1: none is written */
};

/* Lines are added to the file, which is made where there is none. */
enum ou_status journal_open(struct journal *j, const char *path, struct ou_error *err);
void journal_close(struct journal *j);

/* from: "us", "nomad", "agent"; host: "" where it is of none. A line that cannot be written is lost. */
void journal_add(struct journal *j, const char *from, const char *host, const char *what);

#endif
