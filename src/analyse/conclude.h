/* From what was read of all hosts to the analysis: the chain, the metrics over hosts, the findings. */
#ifndef OU_ANALYSE_CONCLUDE_H
#define OU_ANALYSE_CONCLUDE_H

#include "analyse/host_states.h"

/* hosts are finished, and the states of read->hosts; of these the load generators are taken out. OU_NO_MEMORY and OU_TOO_LARGE. */
enum ou_status analysis_conclude(const struct host_states *hosts, struct ingest_result *read,
                                 const struct log_inputs *inputs, struct analysis *ret,
                                 struct ou_error *err);

#endif
