/* "Did you mean ...?": the word nearest to a mistyped one. Pure; any thread. */
#ifndef OU_BASE_SUGGEST_H
#define OU_BASE_SUGGEST_H

#include <stddef.h>

#include "base/span.h"

/* Start with suggest_for(), offer words with suggest_consider(), then read best. */
struct suggestion {
    struct span given;
    const char *best; /* NULL: no word is near enough to be worth naming */
    size_t distance;  /* of best */
};

void suggest_for(struct suggestion *s, struct span given);
void suggest_consider(struct suggestion *s, const char *word); /* ties: the first one stays */

/* How many insertions, removals, replacements and swaps of neighbours make one
 * text of the other: the optimal string alignment distance. A text above
 * SUGGEST_LENGTH_MAX bytes is SIZE_MAX away from any other. */
#define SUGGEST_LENGTH_MAX 63
size_t suggest_distance(struct span a, struct span b);

#endif
