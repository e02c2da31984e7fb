/* A node's desk: where its replies become lines of files, one job after the other, in the loop's pool. It outlives
 * connections: when a node comes again before its last reply is written, the new ones wait behind it. Loop thread. */
#ifndef OU_COLLECT_DESK_H
#define OU_COLLECT_DESK_H

#include "collect/node.h"

struct collector;
struct desk;

/* Whom to tell that the desk is free for another reply. refused: why the owner's last one was not in order; NULL: all is
 * well, or it was the reply of an owner before. */
struct desk_owner {
    void (*freed)(void *context, const char *refused);
    void *context;
};

/* The desk of a node, with this owner from now on. NULL: no memory. */
struct desk *desk_of(struct collector *c, struct collector_node *node, struct desk_owner owner);

/* Whether a reply is on it: the owner's, or what an owner before has left. */
bool desk_is_busy(const struct desk *d);
/* Takes a copy of a reply; the desk is not busy. first: of its connection. False: no memory. */
bool desk_take(struct desk *d, struct bytes reply, bool first, uint16_t asked);
/* The same without a copy: *held gets other memory, which is its owner's to give back. */
void desk_take_held(struct desk *d, struct buffer *held, bool first, uint16_t asked);
/* Likewise of an owner that leaves. The desk may be busy: then it is written next. One such reply finds room; one more takes its
 * place, and its objects are counted as lost. */
void desk_inherit(struct desk *d, struct buffer *held, bool first, uint16_t asked);
/* Counts the objects of a reply that is not taken as lost. */
void desk_lose(struct desk *d, struct bytes reply);

/* What the node says it is, for lines of the legacy layout. */
void desk_version(struct desk *d, const char *version, const char *commit);

/* The owner goes, without being told any more. The desk is cleared when all is written. */
void desk_leave(struct desk *d);

/* --- All of them ------------------------------------------------------------------------------ */

/* Once a second: what is due. */
void desks_tick(struct collector *c);
/* No job begins until desks_resume(); idle is called as soon as none is running. */
void desks_pause(struct collector *c, void (*idle)(struct collector *c));
void desks_resume(struct collector *c);
/* Whether all owners have gone and all is written. */
bool desks_are_clear(const struct collector *c);
/* What cannot be written is given up, and said so. */
void desks_give_up(struct collector *c);

#endif
