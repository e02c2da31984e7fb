/* A piece of a log, whole lines, and what stands in it: the unit in which logs
 * are read, parsed by any thread, and handed on in order. A chunk is used again
 * and again; only its buffers and name tables stay. One thread at a time. */
#ifndef OU_LOGS_CHUNK_H
#define OU_LOGS_CHUNK_H

#include "base/intern.h"
#include "logs/tally.h"

/* Text is read in pieces of about this size; a line may be longer, up to the
 * second figure. (REJECT_TOO_LONG's text and the manual name it.) */
#define CHUNK_TARGET_BYTES (512u << 10)
#define CHUNK_LINE_MAX (4u << 20)

/* Nodes know some 700 names, and have one each; garbage must not eat the memory.
 * The names of the catalogue find room beyond the limit, so that they are counted
 * alike whichever thread reads which lines. A chunk has room for one more host
 * than an analysis, which thus ends at its limit whatever the lines' order. */
#define LOG_NAMES_MAX 100000
#define KNOWN_NAMES_MAX 10000
#define LOG_HOSTS_MAX 10000

/* Where the name of a line is looked for first: almost all lines bear one of a
 * few dozen names. */
#define CHUNK_MEMO 1024
struct chunk_memo {
    struct span name; /* NULL: free */
    uint32_t id;      /* its number in names */
};

/* What a chunk knows of one of its hosts. */
struct chunk_host {
    struct host_tally tally;
    bool touched;   /* it has lines in this chunk */
    void *resolved; /* for the owner of the chunk: whom the host stands for; kept */
};

struct chunk {
    /* To be parsed; set by the owner. SCAN_PADDING bytes follow the text. */
    char *text;
    size_t len, cap;
    uint32_t input;           /* number of the file */
    struct span default_host; /* whose lines they are when they do not say */
    bool host_is_given;       /* default_host wins over what the lines say */
    bool overlong_line;       /* behind the text begins a line that was too long to read */

    /* Parsed. Events point into the text and into scratch. */
    struct event *events;
    size_t event_count, event_cap;
    struct arena scratch;
    uint64_t lines;
    struct reject_tally rejects[REJECTS]; /* first_line is counted from the text's first line */
    uint64_t first_line_hash, last_line_hash;

    /* Grows over the chunk's life. */
    struct intern names; /* of lines: namespaces, legacy kinds */
    struct chunk_memo memo[CHUNK_MEMO];
    uint64_t *name_lines; /* how many, by name */
    size_t name_cap;
    enum event_kind *name_events;
    size_t name_event_cap;
    struct intern hosts;
    struct chunk_host *host_items; /* by number in hosts */
    size_t host_cap;
    uint32_t *touched_hosts; /* numbers of those with lines in this chunk, in order of first line */
    size_t touched_count, touched_cap;
    uint64_t names_lost; /* lines whose name found no room in the table, or is too long */
    bool names_full;     /* there were more than LOG_NAMES_MAX */
};

/* NULL: no memory. */
struct chunk *chunk_new(void);
void chunk_free(struct chunk *c); /* NULL is fine */

/* Parses the text: fills the second part and adds to the third. */
void chunk_parse(struct chunk *c);

#endif
