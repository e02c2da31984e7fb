/* gzip text as a stream: its members one after the other, each checked against
 * the sum that stands behind it. One thread at a time. */
#ifndef OU_LOGS_GUNZIP_H
#define OU_LOGS_GUNZIP_H

#include <stddef.h>
#include <sys/types.h>

struct gunzip;

/* Gives the next compressed bytes, up to room; 0 at the end, -1 on failure. */
typedef ssize_t gunzip_feed(void *context, char *into, size_t room);

/* NULL: no memory. */
struct gunzip *gunzip_new(gunzip_feed *feed, void *context);
void gunzip_free(struct gunzip *g); /* NULL is fine */

/* The next bytes, up to room; 0 at the end. -1 when feeding fails, when the text
 * is damaged, or ends too early: what came before stays good, but for damage that
 * only the sum at the end of a member tells. Then this is returned every time. */
ssize_t gunzip_read(struct gunzip *g, char *into, size_t room);

/* What is wrong with the text; NULL while it is fine, or feeding has failed. */
const char *gunzip_problem(const struct gunzip *g);

#endif
