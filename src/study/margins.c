#include "study/margins.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN_ROWS_MAX = 256 };

/* data/margins.tsv, followed by a NUL; made by the build. It is cut into fields where it stands, so
 * that reading it cannot fail. */
extern char margins_tsv[];

static struct margin rows[MARGIN_ROWS_MAX];
static size_t row_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static enum metric_section section_of(const char *name)
{
    int section = 0;

    while (section < SECTION_COUNT && strcmp(name, section_name((enum metric_section)section)) != 0)
        section++;
    assert(section < SECTION_COUNT && "margins.tsv: section");
    return (enum metric_section)section;
}

static enum compare_method method_of(const char *name)
{
    static const char *const names[] = {
        [COMPARE_MEANS] = "means",
        [COMPARE_COUNTS] = "counts",
        [COMPARE_NOTHING] = "nothing",
    };
    size_t method = 0;

    while (method <= COMPARE_NOTHING && strcmp(name, names[method]) != 0)
        method++;
    assert(method <= COMPARE_NOTHING && "margins.tsv: method");
    return (enum compare_method)method;
}

/* Cuts *rest at the next separator and returns what stands before it. */
static char *cut(char **rest, char separator)
{
    char *field = *rest;
    char *end = strchr(field, separator);

    assert(end && "margins.tsv: too few fields, or no newline at the end");
    *end = '\0';
    *rest = end + 1;
    return field;
}

/* The columns, in the order of the head line; the relative margin stands there in per cent. */
static struct margin row_of(char *line)
{
    struct margin row;

    row.section = section_of(cut(&line, '\t'));
    row.id = cut(&line, '\t');
    row.method = method_of(cut(&line, '\t'));
    row.relative = strtod(cut(&line, '\t'), NULL) / 100;
    row.absolute = strtod(cut(&line, '\t'), NULL);
    row.reason = line;
    return row;
}

static void read_rows(void)
{
    char *rest = margins_tsv;

    cut(&rest, '\n'); /* the head line */
    while (*rest) {
        assert(row_count < MARGIN_ROWS_MAX && "margins.tsv: too many rows");
        rows[row_count++] = row_of(cut(&rest, '\n'));
    }
}

static const struct margin *find(enum metric_section section, const char *id)
{
    for (size_t i = 0; i < row_count; i++)
        if (rows[i].section == section && strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}

const struct margin *margin_of(const struct metric_info *info)
{
    const struct margin *own, *of_section;

    pthread_once(&once, read_rows);
    own = find(info->section, info->id);
    of_section = find(info->section, "*");
    assert(of_section && "margins.tsv: a section has no row");
    return own ? own : of_section;
}

double margin_amount(const struct margin *m, double mean)
{
    return fmax(m->relative * fabs(mean), m->absolute);
}

size_t margin_count(void)
{
    pthread_once(&once, read_rows);
    return row_count;
}

const struct margin *margin_row(size_t i)
{
    return i < margin_count() ? &rows[i] : NULL;
}
