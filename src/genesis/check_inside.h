/* One genesis file while it is walked: shared by the files genesis_check_*.c alone. */
#ifndef OU_GENESIS_CHECK_INSIDE_H
#define OU_GENESIS_CHECK_INSIDE_H

#include "genesis/check_file.h"

#define PATH_ROOM 1024
#define PATH_NAME_MAX 100 /* bytes of a name in a path */

enum frame_kind {
    FRAME_OBJECT,   /* of members that the table has */
    FRAME_MAP,      /* of entries */
    FRAME_LIST,     /* of items, of a cost model's too */
    FRAME_FRACTION, /* numerator and denominator */
};

/* A container that is open. */
struct frame {
    enum frame_kind kind;
    const struct genesis_field *field;
    uint64_t line, column;
    size_t path_len; /* of the path of it */
    uint64_t number; /* of the map, for its names */
    uint64_t count;  /* of what it has */
    uint64_t seen[GENESIS_MEMBERS_MAX / 64];
    bool wants_drep, wants_pool; /* of a delegation: its kind has such a member */
    bool wants_entropy;          /* of a nonce: it is not neutral */
    bool older_form;             /* it has a member that only older nodes have */
    struct genesis_number above, below;
    uint8_t id[GENESIS_CREDENTIAL_BYTES]; /* of an entry: its name, where that is hex */
};

/* The table nests so deep; what it does not have is skipped. */
#define FRAMES_MAX 16

struct file_check {
    enum genesis_era era;
    struct json_walk walk;
    struct genesis_teller *teller;
    struct genesis_facts *facts;
    struct frame frames[FRAMES_MAX];
    unsigned depth;
    uint64_t maps; /* opened so far */
    struct map names;
    bool names_full;
    uint64_t unknown;    /* members so far that the table does not have */
    bool older_spelling; /* the file is of older nodes: what newer ones want may be missing */
    char path[PATH_ROOM];
    char small[256]; /* a name in small letters */
    struct ou_error *err;
};

static inline struct frame *top(struct file_check *c)
{
    return &c->frames[c->depth - 1];
}

/* A member of the container on top was there. */
static inline bool is_seen(const struct frame *frame, const struct genesis_field *f)
{
    return frame->seen[f->number / 64] >> f->number % 64 & 1;
}

/* Where a value stands: the path is in c->path up to what is returned, until the next. */
size_t check_path(struct file_check *c, const struct walk_value *v);

#define TELL(c, severity, what, v, ...)                                                  \
    do {                                                                                 \
        (c)->path[check_path((c), (v))] = '\0';                                          \
        genesis_tell((c)->teller, (severity), (what), (v)->line, (v)->column, (c)->path, \
                     __VA_ARGS__);                                                       \
    } while (0)

/* Of the container on top, or of a member that it lacks. */
void check_tell_of_top(struct file_check *c, enum genesis_severity severity, const void *what,
                       const char *member, const char *reason);

/* An entry of a map: whether its name stands twice. */
enum ou_status check_note_name(struct file_check *c, const struct walk_value *v);

/* What a file holds, for checks of members and files together: of an entry that begins, with a good name; of a
 * value that is as the table says; of a number that is a fraction. */
enum ou_status check_note_entry(struct file_check *c, const struct genesis_field *f,
                                const struct walk_value *v);
enum ou_status check_note_value(struct file_check *c, const struct genesis_field *f,
                                const struct walk_value *v, struct genesis_number n);
void check_note_number(struct file_check *c, enum genesis_role role, struct genesis_number n,
                       uint64_t line, uint64_t column);

/* The container on top ends: what it lacks. */
void check_end(struct file_check *c);

#endif
