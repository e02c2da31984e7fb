#include "analyse/dictionary.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define METRIC_ROWS_MAX 512

/* data/metrics.tsv, followed by a NUL; made by the build. It is cut into
 * fields where it stands, so that reading it cannot fail. */
extern char metrics_tsv[];

static struct metric_info rows[METRIC_ROWS_MAX];
static size_t row_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const struct {
    const char *name, *title;
} sections[SECTION_COUNT] = {
    [SECTION_SUMMARY] = { "summary", "Run" },
    [SECTION_CONTROL] = { "control", "Anomaly control" },
    [SECTION_FORGER] = { "forger", "Forging" },
    [SECTION_PEERS] = { "peers", "Peer propagation" },
    [SECTION_ENDTOEND] = { "endtoend", "End-to-end propagation" },
    [SECTION_MACHPERF] = { "machperf", "Machine performance" },
    [SECTION_MACHPERF_JSON] = { "machperf-json", "Machine performance, further values" },
    [SECTION_PROCESS] = { "process", "Processes" },
    [SECTION_RTS] = { "rts", "GHC run-time system" },
    [SECTION_SYNC] = { "sync", "Catching up" },
    [SECTION_BLOCK_TIMELINE] = { "block-timeline", "Blocks" },
    [SECTION_SLOT_TIMELINE] = { "slot-timeline", "Slots" },
};

const char *section_name(enum metric_section section)
{
    return sections[section].name;
}

const char *section_title(enum metric_section section)
{
    return sections[section].title;
}

static enum metric_section section_of(const char *name)
{
    int section = 0;

    while (section < SECTION_COUNT && strcmp(name, sections[section].name) != 0)
        section++;
    assert(section < SECTION_COUNT && "metrics.tsv: section");
    return (enum metric_section)section;
}

static enum metric_direction direction_of(const char *name)
{
    if (strcmp(name, "less") == 0)
        return DIRECTION_LESS_IS_BETTER;
    if (strcmp(name, "more") == 0)
        return DIRECTION_MORE_IS_BETTER;
    assert(strcmp(name, "none") == 0 && "metrics.tsv: direction");
    return DIRECTION_NONE;
}

/* Cuts *rest at the next separator and returns what stands before it. */
static char *cut(char **rest, char separator)
{
    char *field = *rest;
    char *end = strchr(field, separator);

    assert(end && "metrics.tsv: too few fields, or no newline at the end");
    *end = '\0';
    *rest = end + 1;
    return field;
}

/* The columns, in the order of the head line. */
static struct metric_info row_of(char *line)
{
    struct metric_info row;

    row.section = section_of(cut(&line, '\t'));
    row.id = cut(&line, '\t');
    row.name = cut(&line, '\t');
    row.label = cut(&line, '\t');
    row.unit = cut(&line, '\t');
    row.precision = atoi(cut(&line, '\t'));
    row.direction = direction_of(cut(&line, '\t'));
    row.aggregation = cut(&line, '\t');
    row.description = cut(&line, '\t');
    row.formula = cut(&line, '\t');
    row.compat = line;
    return row;
}

static void read_rows(void)
{
    char *rest = metrics_tsv;

    cut(&rest, '\n'); /* the head line */
    while (*rest) {
        assert(row_count < METRIC_ROWS_MAX && "metrics.tsv: too many rows");
        rows[row_count++] = row_of(cut(&rest, '\n'));
    }
}

size_t dictionary_count(void)
{
    pthread_once(&once, read_rows);
    return row_count;
}

const struct metric_info *dictionary_row(size_t i)
{
    return i < dictionary_count() ? &rows[i] : NULL;
}

const struct metric_info *dictionary_find(enum metric_section section, const char *id)
{
    size_t n = dictionary_count();

    for (size_t i = 0; i < n; i++)
        if (rows[i].section == section && strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}
