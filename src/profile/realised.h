/* Profiles as the workbench of cardano-node realises them: what one finds as profile.json in its run directories. */
#ifndef PROFILE_REALISED_H
#define PROFILE_REALISED_H

#include <jansson.h>
#include <stdbool.h>

/* Takes out of a document what the workbench has filled in beside our members, since it follows from them, and writes its
 * spellings as ours. Only a document with the member `derived` is one that was realised: any other is left alone, so that
 * whoever writes such a member is told. False: no memory. Any thread. */
bool profile_take_realised(json_t *document);

#endif
