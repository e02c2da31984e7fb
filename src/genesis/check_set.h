/* What members of one genesis, and files of one network, must agree in. */
#ifndef OU_GENESIS_CHECK_SET_H
#define OU_GENESIS_CHECK_SET_H

#include "genesis/facts.h"

/* Within one file; the teller is at it. OU_NO_MEMORY. */
enum ou_status genesis_check_facts(enum genesis_era era, const struct genesis_facts *facts,
                                   struct genesis_teller *teller);

/* Between files; those that were not given are no fault. Findings are told of the file that has their place, for which
 * the teller is moved there. */
void genesis_check_agreement(const struct genesis_set *set,
                             const struct genesis_facts facts[GENESIS_ERAS],
                             struct genesis_teller *teller);

/* Against a node's configuration: hashes of files, and the version that its first era needs. OU_INVALID for a
 * configuration that is none. */
enum ou_status genesis_check_config(const struct genesis_set *set,
                                    const struct genesis_facts facts[GENESIS_ERAS],
                                    struct genesis_teller *teller, struct ou_error *err);

#endif
