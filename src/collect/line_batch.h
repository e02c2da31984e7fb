/* The objects of a reply as lines, in every form that is wanted. Memory is kept from reply to reply, up to
 * a bound. One thread at a time. */
#ifndef OU_COLLECT_LINE_BATCH_H
#define OU_COLLECT_LINE_BATCH_H

#include "collect/config.h"
#include "collect/tail.h"
#include "wire/trace_forward.h"

enum {
    LOG_MODES = LOG_JOURNAL + 1,
    LOG_FORMATS = LOG_LEGACY + 1,
    LINE_FORMS = LOG_MODES * LOG_FORMATS
};

/* All lines of one form: for files text with newlines, for the journal records (journal_sink.h). */
struct line_text {
    bool wanted;
    struct buffer text;
    struct line_mark *marks; /* of each object; owned */
    size_t mark_cap;
};

/* Whose lines they are. */
struct line_owner {
    const char *node; /* SYSLOG_IDENTIFIER */
    const char *env;  /* of the legacy layout */
};

struct line_batch {
    struct line_text forms[LINE_FORMS];
    size_t count;          /* objects */
    struct buffer name;    /* of the current object */
    struct buffer message; /* of a record of the journal */
    struct buffer scratch; /* of the legacy layout */
};

void line_batch_init(struct line_batch *b);
void line_batch_release(struct line_batch *b);
/* How large the text of one form may become. */
void line_batch_limit(struct line_batch *b, size_t bytes_max);

struct line_text *line_batch_form(struct line_batch *b, enum log_mode mode, enum log_format format);

/* Makes all lines anew. OU_INVALID: the reply is not in order, or has more than TAIL_LINES_MAX objects;
 * OU_NO_MEMORY, OU_TOO_LARGE. */
enum ou_status line_batch_make(struct line_batch *b, struct trace_reply reply,
                               const struct line_owner *owner, struct ou_error *err);

/* The name of an object, its parts joined by dots; valid until the next call. */
struct span line_batch_name(struct line_batch *b, const struct trace_object *o);

/* The line of an object, of a form for files, without the newline. */
struct span line_batch_line(const struct line_text *form, size_t i);

/* The lines from `first` on; empty when that is the count. */
struct span line_batch_rest(const struct line_batch *b, const struct line_text *form, size_t first);

/* Gives back the memory that a large reply took. */
void line_batch_shrink(struct line_batch *b);

#endif
