#include "logs/rts_stats_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"

/* A run of a day with a collection each millisecond has 7 GB of lines; nobody keeps that. */
#define FILE_BYTES_MAX ((size_t)1 << 30)
#define NUMBER_ROOM 64

#define HEADING "    Alloc    Copied" /* of the lines of -S */
#define SUMMARY \
    " bytes allocated in the heap" /* the first line of what -s writes, and -S in the end */

static void forget_all(struct rts_statistics *s)
{
    const struct rts_phase none = { NAN, NAN };

    *s = (struct rts_statistics){ .allocated_bytes = NAN,
                                  .copied_bytes = NAN,
                                  .max_live_bytes = NAN,
                                  .max_memory_bytes = NAN,
                                  .capabilities = NAN,
                                  .init = none,
                                  .mutator = none,
                                  .collector = none,
                                  .exit = none,
                                  .total = none };
    for (size_t i = 0; i < RTS_GENERATIONS_MAX; i++)
        s->generations[i] = (struct rts_generation){ NAN, NAN, NAN, NAN, NAN, NAN };
}

/* A number, with commas between thousands where people read it. What follows it goes to *ret_rest. */
bool rts_read_number(struct span text, double *ret, struct span *ret_rest)
{
    char digits[NUMBER_ROOM], *end;
    size_t at = 0, len = 0;

    while (at < text.len && text.at[at] == ' ')
        at++;
    for (; at < text.len && len + 1 < sizeof digits; at++) {
        char c = text.at[at];

        if (c == ',')
            continue;
        if ((c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e')
            break;
        digits[len++] = c;
    }
    digits[len] = '\0';
    *ret = strtod(digits, &end);
    *ret_rest = (struct span){ text.at + at, text.len - at };
    return len > 0 && *end == '\0' && isfinite(*ret);
}

/* The next line of *text, without its end; false at the end. */
bool rts_next_line(struct span *text, struct span *ret)
{
    const char *end = text->len ? memchr(text->at, '\n', text->len) : NULL;
    size_t len = end ? (size_t)(end - text->at) : text->len;

    if (text->len == 0)
        return false;
    *ret = (struct span){ text->at, len };
    len += end != NULL;
    text->at += len;
    text->len -= len;
    return true;
}

struct rts_generation *rts_generation_of(struct rts_statistics *s, double number)
{
    if (!(number >= 0 && number < RTS_GENERATIONS_MAX))
        return NULL;
    if ((size_t)number >= s->generation_count)
        s->generation_count = (size_t)number + 1;
    return &s->generations[(size_t)number];
}

/* ---- either ---- */

/* Behind the command, in the first line, stands what tells the form. */
enum ou_status rts_stats_parse(struct span text, const char *name, struct rts_statistics *ret,
                               struct ou_error *err)
{
    struct span from = text, rest = text, line = { 0 };
    bool is_list = false, is_lines = false;
    enum ou_status status;

    forget_all(ret);
    while (!is_list && !is_lines && rts_next_line(&rest, &line)) {
        is_list = span_starts(line, " [(");
        is_lines = span_starts(line, HEADING) || span_ends(line, SUMMARY);
        if (!is_lines)
            from = rest;
    }
    if (is_list)
        status = rts_parse_list(text, name, ret, err);
    else if (is_lines)
        status = rts_parse_lines(from, name, ret, err);
    else
        status = ou_fail(err, OU_INVALID,
                         "%s: not what +RTS -t --machine-readable, -s or -S writes", name);
    if (status)
        rts_stats_release(ret);
    return status;
}

enum ou_status rts_stats_load(const char *path, struct rts_statistics *ret, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    *ret = (struct rts_statistics){ 0 };
    buffer_init(&text, allocator_libc(), FILE_BYTES_MAX);
    status = file_read(path, &text, err);
    if (!status)
        status = rts_stats_parse((struct span){ text.at, text.len }, path, ret, err);
    buffer_release(&text);
    return status;
}

void rts_stats_release(struct rts_statistics *s)
{
    free(s->pauses_s);
    *s = (struct rts_statistics){ 0 };
}

/* ---- what follows ---- */

double rts_minor_collections(const struct rts_statistics *s)
{
    double sum = s->generation_count > 1 ? 0 : NAN;

    for (size_t i = 0; i + 1 < s->generation_count; i++)
        sum += isnan(s->generations[i].collections) ? 0 : s->generations[i].collections;
    return sum;
}

double rts_major_collections(const struct rts_statistics *s)
{
    return s->generation_count ? s->generations[s->generation_count - 1].collections : NAN;
}

double rts_max_pause_s(const struct rts_statistics *s)
{
    double most = NAN;

    for (size_t i = 0; i < s->generation_count; i++)
        most = fmax(most, s->generations[i].max_pause_s); /* of NaN and a number the number */
    return most;
}

double rts_mean_pause_s(const struct rts_statistics *s)
{
    double seconds = 0, collections = 0;

    for (size_t i = 0; i < s->generation_count; i++) {
        const struct rts_generation *g = &s->generations[i];

        if (isnan(g->wall_s) || isnan(g->collections))
            continue;
        seconds += g->wall_s;
        collections += g->collections;
    }
    return collections > 0 ? seconds / collections : NAN;
}
