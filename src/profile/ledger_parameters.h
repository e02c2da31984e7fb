/* The parameters of mainnet's ledger as they were in an epoch, and named changes to them: data/parameters. */
#ifndef OU_PROFILE_LEDGER_PARAMETERS_H
#define OU_PROFILE_LEDGER_PARAMETERS_H

#include <stdint.h>

#include "base/status.h"
#include "profile/layered.h"

/* The first epoch that is known. */
#define LEDGER_PARAMETERS_FIRST_EPOCH 208

/* The genesis fragments {"shelley", "alonzo", "conway"} with the parameters in force in `epoch`, and above them the changes
 * whose names stand in `overlays` (a list of texts). In fragments later entries erase and replace (LAYER_ERASES). ret is
 * begun here; the caller layered_release()s it, also after a failure. OU_NOT_FOUND: an overlay that is not known. */
enum ou_status ledger_parameters_make(uint32_t epoch, const json_t *overlays, struct layered *ret,
                                      struct ou_error *err);

/* Names of overlays, in the order of the data, and what each is; NULL behind the last. */
const char *ledger_overlay_name(size_t i);
const char *ledger_overlay_description(size_t i);

#endif
