/* What all lines of the legacy layout have alike in one process. */
#ifndef OU_TRACE_LEGACY_FRAME_H
#define OU_TRACE_LEGACY_FRAME_H

#include "trace/render.h"

struct legacy_texts {
    char env[64], host[64], pid[16];
};

/* env: the program and its version, of which so much is taken as there is room for. host is cut to
 * the eight characters that the layout has, unless CARDANO_NODE_LOGGING_HOSTNAME names it. */
void legacy_texts_set(struct legacy_texts *texts, const char *env, const char *host);

/* Points into texts. */
struct legacy_frame legacy_frame_of(const struct legacy_texts *texts, bool maximal);

#endif
