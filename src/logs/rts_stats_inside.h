/* The two forms of rts_stats.h, and what their readers share. */
#ifndef OU_LOGS_RTS_STATS_INSIDE_H
#define OU_LOGS_RTS_STATS_INSIDE_H

#include "logs/rts_stats.h"

/* A number, with commas between thousands where people read it. What follows it goes to *ret_rest. */
bool rts_read_number(struct span text, double *ret, struct span *ret_rest);

/* The next line of *text, without its end; false at the end. */
bool rts_next_line(struct span *text, struct span *ret);

/* NULL: no program has so many. */
struct rts_generation *rts_generation_of(struct rts_statistics *s, double number);

/* rts_list.c: all of what -t --machine-readable wrote. */
enum ou_status rts_parse_list(struct span text, const char *name, struct rts_statistics *s,
                              struct ou_error *err);

/* rts_lines.c: what -S or -s wrote, from its heading or its summary on. */
enum ou_status rts_parse_lines(struct span text, const char *name, struct rts_statistics *s,
                               struct ou_error *err);

#endif
