/* What to think of the data. */
#include "report/text_sections.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    EVENTS_SHOWN = 12,
    REJECTS_SHOWN = 12,
    FILES_SHOWN = 8,
    HOSTS_SHOWN = 10,
    FINDINGS_SHOWN = 40,
    REJECT_HANG = 13,
    EVENT_OTHERS = 38, /* columns of the table of events beside the name */
    HOST_OTHERS = 68,  /* and of the table of hosts */
    HOST_NAME_MIN = 10,
    HOST_NAME_MAX = 30,
};

static void more_note(struct page *p, size_t count, size_t shown, const char *what)
{
    if (count > shown)
        page_paragraphf(p, "... and %zu more %s.", count - shown, what);
}

/* --- Findings ---------------------------------------------------------------- */

static void finding_line(struct page *p, const struct finding *f)
{
    static const struct {
        const char *word, *sign;
        enum emphasis emphasis;
    } kinds[] = {
        [FINDING_NOTE] = { "note", "\u00b7 note", EMPHASIS_NONE },
        [FINDING_WARNING] = { "warning", "\u25b2 warning", EMPHASIS_DOUBTFUL },
        [FINDING_ERROR] = { "ERROR", "\u2716 ERROR", EMPHASIS_BAD },
    };

    page_words(p, PAGE_INDENT, 11, kinds[f->severity].emphasis,
               p->utf8 ? kinds[f->severity].sign : kinds[f->severity].word, f->text);
}

static void findings(struct page *p, const struct analysis *a)
{
    if (a->finding_count == 0)
        page_paragraph(p, "No findings: nothing in these logs puts the numbers in doubt.");
    for (size_t i = 0; i < a->finding_count && i < FINDINGS_SHOWN; i++)
        finding_line(p, &a->findings[i]);
    more_note(p, a->finding_count, FINDINGS_SHOWN, "findings, in analysis.json");
}

/* --- What was read -------------------------------------------------------------- */

static void event_table(struct page *p, const struct analysis *a)
{
    static const struct text_column columns[] = { { "lines by event", false },
                                                  { "lines", true },
                                                  { "read as", false } };
    uint64_t rest = 0;
    char lines[COUNT_ROOM];
    struct text_table t;

    if (a->event_count == 0)
        return;
    page_line(p);
    text_table_init(&t, p, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < a->event_count; i++) {
        const struct event_count *e = &a->events[i];

        if (i >= EVENTS_SHOWN) {
            rest += e->lines;
            continue;
        }
        text_cell_foreign(&t, e->name, (size_t)(p->width - EVENT_OTHERS));
        text_cell_count(&t, e->lines);
        text_cell_own(&t, e->event < EVENT_KINDS ? event_infos[e->event].name : "-");
    }
    text_table_draw(p, &t, NULL, NULL);
    text_table_release(&t);
    if (a->event_count > EVENTS_SHOWN)
        page_paragraphf(p, "... and %zu more names, %s lines.", a->event_count - EVENTS_SHOWN,
                        count_text(rest, lines));
}

/* "       1  the line ends in the middle of a JSON value; first PATH:LINE" */
static void reject_line(struct page *p, const struct reject_count *r)
{
    char count[COUNT_ROOM], lead[COUNT_ROOM + REJECT_HANG];
    struct buffer words;

    snprintf(lead, sizeof lead, "%*s", REJECT_HANG - 2, count_text(r->lines, count));
    buffer_init(&words, allocator_libc(), 1 << 16);
    buffer_text(&words, r->reason);
    if (r->first_path && r->first_line > 0)
        buffer_printf(&words, "; first %s:%" PRIu64, r->first_path, r->first_line);
    page_words(p, PAGE_INDENT, REJECT_HANG, EMPHASIS_NONE, lead, buffer_string(&words));
    buffer_inherit(p->out, &words);
    buffer_release(&words);
}

static void rejects(struct page *p, const struct analysis *a, const char *title, bool expected)
{
    size_t count = 0;

    for (size_t i = 0; i < a->reject_count; i++) {
        if (a->rejects[i].expected != expected || count++ >= REJECTS_SHOWN)
            continue;
        if (count == 1) {
            page_line(p);
            page_words(p, PAGE_INDENT, 0, EMPHASIS_DIM, title, "");
        }
        reject_line(p, &a->rejects[i]);
    }
    more_note(p, count, REJECTS_SHOWN, "reasons, in analysis.json");
}

static void file_problems(struct page *p, const struct analysis *a)
{
    size_t count = 0;

    for (size_t i = 0; i < a->file_count; i++) {
        const struct file_read_result *f = &a->files[i];

        if (!f->problem || count++ >= FILES_SHOWN)
            continue;
        if (count == 1)
            page_line(p);
        page_paragraphf(p, "Not read to the end: %s: %s", f->path, f->problem);
    }
    more_note(p, count, FILES_SHOWN, "files not read to the end");
}

/* --- Hosts ---------------------------------------------------------------------------- */

static bool is_remarkable(const struct host_result *h)
{
    return h->not_understood || h->duplicate_lines || h->out_of_order || h->silent_slots ||
           h->counter_resets || h->clock_offset_ns != TIME_NONE || !h->cluster_member;
}

static size_t host_name_columns(const struct page *p)
{
    int room = p->width - HOST_OTHERS;

    return (size_t)(room < HOST_NAME_MIN   ? HOST_NAME_MIN
                    : room > HOST_NAME_MAX ? HOST_NAME_MAX
                                           : room);
}

static void host_row(struct text_table *t, const struct host_result *h, size_t name_columns)
{
    char gap[DURATION_ROOM], offset[DURATION_ROOM];

    text_cell_foreign(t, h->name, name_columns);
    text_cell_count(t, h->lines);
    text_cell_count(t, h->not_understood);
    text_cell_count(t, h->duplicate_lines);
    text_cell_count(t, h->out_of_order);
    text_cell_count(t, h->missed_slots);
    text_cell_count(t, h->silent_slots);
    text_cell_own(t, duration_text(h->longest_gap_ns, gap));
    text_cell_own(t, duration_text(h->clock_offset_ns, offset));
}

/* All hosts where there are few; else those with something to tell. */
static void host_table(struct page *p, const struct analysis *a)
{
    static const struct text_column columns[] = {
        { "host", false },  { "lines", true }, { "strange", true },
        { "twice", true },  { "late", true },  { "missed", true },
        { "silent", true }, { "gap", false },  { "clock", false },
    };
    bool all = a->host_count <= HOSTS_SHOWN;
    size_t count = 0;
    struct text_table t;

    text_table_init(&t, p, columns, sizeof columns / sizeof *columns);
    for (uint32_t i = 0; i < a->host_count; i++) {
        if ((all || is_remarkable(&a->hosts[i])) && count++ < HOSTS_SHOWN)
            host_row(&t, &a->hosts[i], host_name_columns(p));
    }
    if (count > 0) {
        page_line(p);
        text_table_draw(p, &t, NULL, NULL);
        more_note(p, count, HOSTS_SHOWN, "hosts with something to tell, in the table of hosts");
        page_line(p);
        page_paragraph(p,
                       "Lines that are not understood (strange), repeat the line before (twice) "
                       "or are stamped earlier than it (late); slots without leadership check "
                       "(missed) or without any line for long (silent); the longest time without "
                       "a line (gap); how far the clock seems ahead of the others (clock).");
    }
    text_table_release(&t);
}

void text_quality(struct page *p, const struct analysis *a)
{
    page_heading(p, "Data quality");
    findings(p, a);
    event_table(p, a);
    rejects(p, a, "lines that are not understood", false);
    rejects(p, a, "lines set aside on purpose", true);
    file_problems(p, a);
    host_table(p, a);
}
