#include "cmd/run_progress.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define ITEM_ROOM 64
#define FRESH_S 10 /* what is known of nodes far away is mostly as old as one poll */

struct view_line {
    char *out;
    int width;
};

__attribute__((format(printf, 2, 3))) static void add(const struct view_line *line,
                                                      const char *format, ...)
{
    char item[ITEM_ROOM];
    va_list args;

    va_start(args, format);
    vsnprintf(item, sizeof item, format, args);
    va_end(args);
    progress_add(line->out, line->width, item);
}

/* Block numbers of the nodes' tips: one when all agree. */
static void add_heights(const struct view_line *line, const struct run_view *now)
{
    if (now->height_high < 0)
        return;
    if (now->height_low == now->height_high)
        add(line, "block %" PRId64, now->height_high);
    else if (now->height_low < 0)
        add(line, "block -..%" PRId64, now->height_high);
    else
        add(line, "block %" PRId64 "..%" PRId64, now->height_low, now->height_high);
}

void run_progress_line(const struct run_view *now, int width, char out[PROGRESS_ROOM])
{
    const struct view_line line = { out, width };

    out[0] = '\0';
    if (now->elapsed_s < 0)
        add(&line, "starts in %.0f s", -now->elapsed_s);
    else
        add(&line, "%.0f s", now->elapsed_s);
    if (now->slot >= 0)
        add(&line, "slot %" PRId64, now->slot);
    if (now->heard_s >= FRESH_S)
        add(&line, "as of %.0f s ago:", now->heard_s);
    add_heights(&line, now);
    if (now->slot >= 0)
        add(&line, "%" PRId64 " forged", now->blocks_forged);
    if (now->setup_taken < now->setup_txs)
        add(&line, "fund %" PRIu64 "/%" PRIu64 " split", now->setup_taken, now->setup_txs);
    else if (now->txs_sent >= 0)
        add(&line, "%.1f tx/s", now->tps);
    add(&line, "cpu %.2f", now->cpu_cores);
    add(&line, "%" PRIu32 "/%" PRIu32 " nodes", now->nodes_up, now->nodes);
    add(&line, "%.0f MB", (double)now->rss_bytes / 1e6);
}
