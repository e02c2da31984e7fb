/* The half of genesis files that is small: parameters, as a profile says them. What a profile leaves out is filled in, so that
 * every file has all members that a node asks for. Documents are new; the caller json_decref()s them. */
#ifndef OU_GENESIS_PARAMETERS_H
#define OU_GENESIS_PARAMETERS_H

#include "genesis/spelling.h"

struct genesis_parameters {
    json_t *shelley; /* without the members of the data set; systemStart comes last */
    json_t *alonzo;
    json_t *conway; /* without initialDReps and delegs */
    json_t *dijkstra;
};

/* system_start_ns: whole seconds. node: who is to read them. */
enum ou_status genesis_parameters_of(const struct profile *p, int64_t system_start_ns,
                                     struct node_version node, struct genesis_parameters *ret,
                                     struct ou_error *err);
void genesis_parameters_release(struct genesis_parameters *parameters);

/* Puts the cost models of script languages where nodes read them: of the first language its first 166 values, by name, in
 * alonzo.costModels; of the third one its first 251 in conway.plutusV3CostModel; whole lists of the others, and of those
 * that are longer, in alonzo.extraConfig.costModels. What neither document has is filled in. */
enum ou_status genesis_arrange_cost_models(json_t *alonzo, json_t *conway, struct ou_error *err);

#endif
