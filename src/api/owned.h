/* Whose a thing is: of which project, which a token may be bound to. */
#ifndef OU_API_OWNED_H
#define OU_API_OWNED_H

#include "api/request.h"

enum owned { OWNED_RUN, OWNED_SERIES, OWNED_CHANGE_POINT, OWNED_THRESHOLD, OWNED_ALERT };

/* Whether there is one of that id, and the caller may see or change it. False: answered. */
bool api_owned(struct api_request *r, enum owned what, const char *id);

#endif
