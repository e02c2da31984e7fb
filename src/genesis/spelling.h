/* The names that members of Conway's genesis had while that era was made, from 2022 to 2024: a node reads those of its time. */
#ifndef OU_GENESIS_SPELLING_H
#define OU_GENESIS_SPELLING_H

#include "profile/profile.h"

/* Of cardano-node. */
struct node_version {
    unsigned major, minor;
};
#define NODE_VERSION_TODAY ((struct node_version){ 9999, 0 })

/* "8.9", "1.35.5": the first two numbers. NULL: that of the nodes which a profile is for, 8.0 where it is of the edition
 * 2023-03 and its nodes are cardano-node, else today's. OU_USAGE for anything else. */
enum ou_status node_version_of(const struct profile *p, const char *text, struct node_version *ret,
                               struct ou_error *err);

/* Renames members that carry names of earlier versions to those of today. */
enum ou_status genesis_modernise_conway(json_t *conway, struct ou_error *err);

/* Makes a document of today that which a node of that version reads: before 8.3 it has nothing but an empty genDelegs; then
 * members are named otherwise, and come one after the other until 8.10. */
enum ou_status genesis_spell_conway(json_t *conway, struct node_version node, struct ou_error *err);

/* DReps in a genesis are read from this one on. */
#define NODE_VERSION_DREPS ((struct node_version){ 9, 0 })
bool node_version_before(struct node_version a, struct node_version b);

#endif
