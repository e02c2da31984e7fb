/* From a complete document to struct profile. */
#ifndef OU_PROFILE_READ_H
#define OU_PROFILE_READ_H

#include "profile/profile.h"

/* Fills in the members of p from p->document, whose members are there and of their type; text goes to p->memory. What
 * follows from several of them (hosts, amounts that null stands for) is left to profile_derive(). false: no memory. */
bool profile_read(struct profile *p);

/* The same of composition.links alone, which may have been derived. */
bool profile_read_links(struct profile *p);

#endif
