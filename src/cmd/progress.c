#include "cmd/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "report/numbers.h"

#define ITEM_ROOM (NUMBER_ROOM + 16)
#define RATE_AFTER_NS (NS_PER_SECOND / 2)

static const struct unit {
    const char *name;
    double bytes;
} units[] = { { "TB", 1e12 }, { "GB", 1e9 }, { "MB", 1e6 }, { "kB", 1e3 }, { "B", 1 } };

static const struct unit *unit_of(double bytes)
{
    size_t i = 0;

    while (i + 1 < sizeof units / sizeof *units && bytes < units[i].bytes)
        i++;
    return &units[i];
}

/* Two digits tell enough, and more would flicker. */
static int decimals(double value)
{
    return value < 9.95 ? 1 : 0;
}

static void format_amount(double bytes, const char *tail, char out[ITEM_ROOM])
{
    const struct unit *unit = unit_of(bytes);
    double value = bytes / unit->bytes;

    snprintf(out, ITEM_ROOM, "%.*f %s%s", decimals(value), value, unit->name, tail);
}

static void format_share(const struct ingest_progress *now, char out[ITEM_ROOM])
{
    /* Files can grow while they are read. */
    double share = (double)now->bytes_done / (double)now->bytes_total;

    snprintf(out, ITEM_ROOM, "%.0f %%", share > 1 ? 100.0 : 100 * share);
}

static void format_done(const struct ingest_progress *now, char out[ITEM_ROOM])
{
    const struct unit *unit = unit_of((double)now->bytes_total);
    double done = (double)now->bytes_done / unit->bytes;
    double total = (double)now->bytes_total / unit->bytes;

    snprintf(out, ITEM_ROOM, "%.*f of %.*f %s", decimals(total), done, decimals(total), total,
             unit->name);
}

static void format_lines(uint64_t lines, char out[ITEM_ROOM])
{
    char digits[NUMBER_ROOM];

    *put_grouped(digits, lines) = '\0';
    snprintf(out, ITEM_ROOM, "%s lines", digits);
}

static void format_left(double seconds, char out[ITEM_ROOM])
{
    uint64_t s = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : UINT64_C(1000000000);

    if (s < 100)
        snprintf(out, ITEM_ROOM, "%" PRIu64 " s left", s);
    else if (s < 3600)
        snprintf(out, ITEM_ROOM, "%" PRIu64 ":%02" PRIu64 " left", s / 60, s % 60);
    else
        snprintf(out, ITEM_ROOM, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64 " left", s / 3600,
                 s / 60 % 60, s % 60);
}

void progress_add(char out[PROGRESS_ROOM], int width, const char *item)
{
    size_t len = strlen(out), room = width < PROGRESS_ROOM ? (size_t)width : PROGRESS_ROOM;
    const char *gap = len ? "  " : "";

    if (len + strlen(gap) + strlen(item) < room)
        snprintf(out + len, PROGRESS_ROOM - len, "%s%s", gap, item);
}

void progress_line(const struct ingest_progress *now, int64_t elapsed_ns, int width,
                   char out[PROGRESS_ROOM])
{
    double done = (double)now->bytes_done, total = (double)now->bytes_total;
    double rate = done / ((double)elapsed_ns / 1e9); /* bytes a second, since the beginning */
    bool rate_is_known = elapsed_ns >= RATE_AFTER_NS && done > 0;
    char item[ITEM_ROOM];

    out[0] = '\0';
    if (total > 0) {
        format_share(now, item);
        progress_add(out, width, item);
        format_done(now, item);
    } else {
        format_amount(done, "", item);
    }
    progress_add(out, width, item);
    if (rate_is_known) {
        format_amount(rate, "/s", item);
        progress_add(out, width, item);
    }
    format_lines(now->lines, item);
    progress_add(out, width, item);
    if (rate_is_known && total > done) {
        format_left((total - done) / rate, item);
        progress_add(out, width, item);
    }
}

/* To the first column, the text, and away with what is left of the last one. */
static void draw(struct progress *p, const char *text)
{
    char line[PROGRESS_ROOM + 8];
    int len = snprintf(line, sizeof line, "\r%s\033[K", text);

    fd_write_all(p->fd, line, (size_t)len, NULL); /* nothing depends on it */
}

void progress_draw(struct progress *p, const char *line)
{
    if (!p->shown)
        return;
    draw(p, line);
    p->on_screen = true;
}

void progress_show(void *context, const struct ingest_progress *now)
{
    struct progress *p = context;
    int64_t at_ns = time_monotonic_ns();
    char line[PROGRESS_ROOM];

    if (!p->shown)
        return;
    if (p->started_ns == 0)
        p->started_ns = at_ns;
    progress_line(now, at_ns - p->started_ns, p->width, line);
    progress_draw(p, line);
}

void progress_erase(struct progress *p)
{
    if (p->on_screen)
        draw(p, "");
    p->on_screen = false;
}
