/* From the name of a profile to its complete document: which documents are laid over each other, and in which order.
 *
 *   profile default            what all others are based on
 *   edition E                  rules of the edition that the profile names
 *   mainnet's parameters, ...  of genesis.pparamsEpoch
 *   parameters N               of genesis.pparamsOverlays
 *   variant V, profile P       the bases, each above its variants (`with`), and the profile itself above its own
 *   overlay N                  of the command line
 */
#ifndef OU_PROFILE_LAYERS_H
#define OU_PROFILE_LAYERS_H

#include "base/status.h"
#include "profile/layered.h"

/* What is done with faults of documents, for those who want to know all, instead of failing at the first. */
struct profile_lenience {
    /* Tells what is wrong with a document by itself, an object, and takes that out of it. */
    void (*clean)(void *context, const char *source, json_t *document);
    /* Tells of something else, which is left out. */
    void (*tell)(void *context, const struct ou_error *fault);
    void *context;
};

/* Each document is checked by itself (profile_check.h) before it is laid. `lenience` may be NULL. ret is begun here; the caller
 * layered_release()s it, also after a failure. */
enum ou_status profile_lay(const char *name, const char *const *overlays, size_t overlay_count,
                           const struct profile_lenience *lenience, struct layered *ret,
                           struct ou_error *err);

#endif
