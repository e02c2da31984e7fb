/* Events on their way into one notification: the first are kept in full, all are counted. Loop thread. */
#ifndef OU_COLLECT_NOTIFY_GROUP_H
#define OU_COLLECT_NOTIFY_GROUP_H

#include "collect/notify.h"

#define NOTICE_KINDS (NOTICE_LOST + 1)
#define GROUP_EVENTS_MAX 100 /* kept in full */
#define GROUP_ROWS_MAX 256   /* of nodes, kinds and severities; beyond it only the sum is counted */
#define GROUP_TEXT_MAX 1024  /* bytes of an event's text that are kept */
#define GROUP_JSON_MAX ((size_t)4 << 20) /* more than so many events can come to */

/* An event that is kept; the texts lie behind it. */
struct group_event {
    enum notice_kind kind;
    int severity;
    int64_t at_ns;
    uint64_t count; /* of NOTICE_LOST: objects */
    const char *node, *name, *text;
};

/* How many there were of one kind, node, and (of messages) severity. */
struct group_row {
    uint64_t hash; /* of the three */
    enum notice_kind kind;
    int severity; /* -1: not a message */
    char node[NODE_NAME_ROOM];
    uint64_t events, objects;
};

/* Zeroed: empty. Its memory is bounded by the numbers above, and taken when an event comes. */
struct notice_group {
    struct group_event *events[GROUP_EVENTS_MAX];
    size_t event_count;
    struct group_row *rows;
    size_t row_count, row_cap;
    uint64_t total;     /* events */
    uint64_t uncounted; /* of them: in no row */
    int64_t first_ns, last_ns;
    int worst;                       /* the highest severity of a message; -1: none */
    char worst_name[NODE_NAME_ROOM]; /* and the name of the first one that had it */
    unsigned failures;               /* deliveries that failed so far */
};

void notice_group_add(struct notice_group *g, const struct notice *notice);
/* Puts the events of `older` before those of g; older is empty then. */
void notice_group_prepend(struct notice_group *g, struct notice_group *older);
void notice_group_release(struct notice_group *g); /* empty again */

/* Appends the notification as docs/formats/notifications.md has it. */
void notice_group_json(const struct notice_group *g, const char *rule, struct buffer *out);

/* Appends what happened as one paragraph for people. Only names of nodes and of messages are foreign in it, and nothing of them that
 * a chat could take for markup or a mention. */
void notice_group_summary(const struct notice_group *g, struct buffer *out);

#endif
