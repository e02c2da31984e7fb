/* What is reported about a run in progress, as JSON: docs/formats/live.md. */
#ifndef OU_CMD_LIVE_REPORT_H
#define OU_CMD_LIVE_REPORT_H

#include "base/buffer.h"
#include "workbench/run.h"

#define LIVE_NOTICES 20 /* the last ones are kept */
#define LIVE_NOTICE_ROOM 600
#define LIVE_PHASE_ROOM 200

/* What is known of the run; zero-initialise, and set project, profile and began_ns. */
struct live_facts {
    const char *project, *profile, *machine;
    int64_t began_ns;
    enum run_state state;
    bool has_ended;
    char phase[LIVE_PHASE_ROOM]; /* what it waits for; "": nothing */
    struct live_notice {
        int64_t at_ns;
        char text[LIVE_NOTICE_ROOM];
    } notices[LIVE_NOTICES];
    size_t notice_count; /* in all; the last LIVE_NOTICES are there */
};

void live_facts_notice(struct live_facts *facts, int64_t at_ns, const char *text);

/* Appends the report. view may be NULL: there are no processes. */
void live_report_write(const struct live_facts *facts, const struct run_view *view,
                       struct buffer *ret);

#endif
