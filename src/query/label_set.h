/* Sets of labels as the text formats of metrics have them: {a="1",b="2"}. What nodes send is read and written anew,
 * since one quote too many would spoil the whole page. Loop thread. */
#ifndef OU_QUERY_LABEL_SET_H
#define OU_QUERY_LABEL_SET_H

#include "base/buffer.h"
#include "base/span.h"

#define LABEL_SET_MAX 64 /* labels; more are left out */

struct label_set {
    struct buffer *out; /* not owned */
    size_t start;
    struct span names[LABEL_SET_MAX]; /* views of what was given */
    size_t count;
};

void label_set_open(struct label_set *s, struct buffer *out);

/* Of labels of one name the first is kept; those that begin with "__" are Prometheus' own, and left out. name stays valid
 * until the set is closed. */
void label_set_add(struct label_set *s, struct span name, struct span value);

/* Adds those of a whole set as a text; blanks may stand between its parts. False, and nothing has changed, when it is
 * none. */
bool label_set_take(struct label_set *s, struct span text);

/* A set without labels leaves nothing behind. */
void label_set_close(struct label_set *s);

#endif
