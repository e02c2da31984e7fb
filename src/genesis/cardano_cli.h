/* Data sets made by cardano-cli instead of by us: `genesis create-testnet-data`, whose files and keys are brought into our
 * layout. */
#ifndef OU_GENESIS_CARDANO_CLI_H
#define OU_GENESIS_CARDANO_CLI_H

#include "genesis/dataset.h"

/* As genesis_dataset_make(), by running `program`, a path or a name in PATH; and directory/byron.half, the Byron genesis where
 * it makes one. The last line that it printed is in the message when it fails. */
enum ou_status genesis_cardano_cli_make(const struct profile *p, const struct genesis_dataset *set,
                                        const char *program, const char *directory,
                                        struct ou_error *err);

#endif
