/* Whether jansson lacked memory. Documents are built member by member, and a member that finds no room is simply not there; so
 * nobody asks after each, but whoever writes the document asks once. */
#ifndef OU_JSON_TREE_MEMORY_H
#define OU_JSON_TREE_MEMORY_H

#include <stdbool.h>

/* Whether jansson lacked memory in this thread since this was asked, which forgets it. */
bool json_tree_memory_failed(void);

/* For one who has told of a failure himself: makes that the answer. */
void json_tree_memory_set(bool did_fail);

#endif
