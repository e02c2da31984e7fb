/* What an extract has of the statistics that run-time systems wrote of themselves (rts_hosts.h). */
#ifndef OU_ANALYSE_EXTRACT_RTS_H
#define OU_ANALYSE_EXTRACT_RTS_H

#include "analyse/extract_form.h"
#include "analyse/extract_paths.h"
#include "analyse/rts_hosts.h"

/* base: what the paths are told against. */
void put_rts(struct buffer *b, const struct rts_hosts *rts, const char *base);

/* Adds to those that are there. A failure is the reader's. */
void take_rts(struct extract_reader *r, struct rts_hosts *rts, const char *base);

#endif
