#include "trace/legacy_frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HOST_CHARACTERS 8

void legacy_texts_set(struct legacy_texts *texts, const char *env, const char *host)
{
    const char *name = getenv("CARDANO_NODE_LOGGING_HOSTNAME");

    snprintf(texts->env, sizeof(texts->env), "%s", env);
    if (name && *name)
        snprintf(texts->host, sizeof(texts->host), "%s", name);
    else
        snprintf(texts->host, HOST_CHARACTERS + 1, "%s", host);
    snprintf(texts->pid, sizeof(texts->pid), "%ld", (long)getpid());
}

struct legacy_frame legacy_frame_of(const struct legacy_texts *texts, bool maximal)
{
    return (struct legacy_frame){ texts->env, texts->host, texts->pid, maximal };
}
