#include "trace/legacy_names.h"

#include <pthread.h>

#include "base/quick_hash.h"

#define NAMES_MAX 1024
#define TOGGLES_MAX 128
#define METRICS_MAX 256
#define COLUMNS_MAX 4
#define PLACES 2048 /* a power of two, well above all names */

/* data/legacy-*.tsv, built in. Each text ends where its column did, once they are read. */
extern char legacy_names_tsv[], legacy_toggles_tsv[], legacy_metrics_tsv[];

/* What is known of a name, or of all names below it. */
struct fact {
    bool has_kind;
    const char *kind; /* NULL: data is as it was */
    const char *logger;
    bool wrapped;
};

struct place {
    struct span ns; /* NULL: free */
    struct fact itself, below;
};

static struct {
    struct legacy_name names[NAMES_MAX];
    struct legacy_toggle toggles[TOGGLES_MAX];
    struct legacy_metric metrics[METRICS_MAX];
    size_t name_count, toggle_count, metric_count;
    struct place places[PLACES];
} tables;

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* --- Reading ------------------------------------------------------------------------- */

/* The columns of a line, which is cut up; "-" and what is not there are NULL. Returns what follows the line. */
static char *cut_line(char *line, const char **ret_columns)
{
    for (int i = 0; i < COLUMNS_MAX; i++)
        ret_columns[i] = NULL;
    for (int i = 0; i < COLUMNS_MAX; i++) {
        size_t len = strcspn(line, "\t\n");
        char end = line[len];

        line[len] = 0;
        ret_columns[i] = strcmp(line, "-") == 0 ? NULL : line;
        line += len + (end != 0);
        if (end != '\t')
            break;
    }
    return line;
}

/* Lines behind the heading; a row that would be one too many is left out, and a test fails. */
static void each_line(char *text, void (*take)(const char *const *columns))
{
    const char *columns[COLUMNS_MAX];

    text = cut_line(text, columns);
    while (*text) {
        text = cut_line(text, columns);
        take(columns);
    }
}

static void take_name(const char *const *columns)
{
    static const char *const words[] = {
        [LEGACY_KIND] = "kind",     [LEGACY_MESSAGE] = "message", [LEGACY_EARLY] = "early",
        [LEGACY_FORMER] = "former", [LEGACY_READER] = "reader",   [LEGACY_PART] = "part"
    };
    int generation = 0;

    while (generation < LEGACY_PART && !(columns[0] && strcmp(words[generation], columns[0]) == 0))
        generation++;
    if (tables.name_count < NAMES_MAX)
        tables.names[tables.name_count++] =
            (struct legacy_name){ (enum legacy_generation)generation, columns[1], columns[2] };
}

static void take_toggle(const char *const *columns)
{
    if (tables.toggle_count < TOGGLES_MAX)
        tables.toggles[tables.toggle_count++] =
            (struct legacy_toggle){ columns[0], columns[1], columns[2], columns[3] != NULL };
}

static void take_metric(const char *const *columns)
{
    if (tables.metric_count < METRICS_MAX)
        tables.metrics[tables.metric_count++] =
            (struct legacy_metric){ columns[0], columns[1], columns[2] };
}

/* --- Facts by namespace ---------------------------------------------------------------- */

/* The place of a name, or the free one where it would stand. */
static struct place *find_place(struct span ns)
{
    uint32_t i = quick_hash(ns) % PLACES;

    while (tables.places[i].ns.at && !span_equal(tables.places[i].ns, ns))
        i = (i + 1) % PLACES;
    return &tables.places[i];
}

/* "X.*" are the names below X. */
static struct fact *fact_of(const char *pattern)
{
    struct span ns = span_of(pattern);
    bool below = span_ends(ns, ".*");
    struct place *place;

    ns.len -= below ? 2 : 0;
    place = find_place(ns);
    if (!place->ns.at)
        place->ns = ns;
    return below ? &place->below : &place->itself;
}

static void add_kind(const struct legacy_name *row)
{
    struct fact *fact = fact_of(row->ns);

    if (!fact->has_kind)
        fact->kind = row->generation == LEGACY_KIND ? row->old : NULL;
    fact->has_kind = true;
}

static void add_logger(const struct legacy_toggle *row)
{
    struct fact *fact = fact_of(row->ns);

    if (row->logger && !fact->logger) {
        fact->logger = row->logger;
        fact->wrapped = row->wrapped;
    }
}

/* What was known under the name of 2023 holds for today's. */
static void add_renamed(const struct legacy_name *row)
{
    const struct fact *old;
    struct fact *fact;

    if (!row->ns)
        return;
    old = fact_of(row->old);
    fact = fact_of(row->ns);
    if (!fact->has_kind) {
        fact->has_kind = old->has_kind;
        fact->kind = old->kind;
    }
    if (!fact->logger) {
        fact->logger = old->logger;
        fact->wrapped = old->wrapped;
    }
}

static void read_tables(void)
{
    each_line(legacy_names_tsv, take_name);
    each_line(legacy_toggles_tsv, take_toggle);
    each_line(legacy_metrics_tsv, take_metric);
    for (size_t i = 0; i < tables.name_count; i++)
        if (tables.names[i].generation <= LEGACY_MESSAGE)
            add_kind(&tables.names[i]);
    for (size_t i = 0; i < tables.toggle_count; i++)
        add_logger(&tables.toggles[i]);
    for (size_t i = 0; i < tables.name_count; i++)
        if (tables.names[i].generation == LEGACY_FORMER)
            add_renamed(&tables.names[i]);
}

static void complete(struct legacy_form *form, bool *has_kind, const struct fact *fact)
{
    if (!*has_kind && fact->has_kind) {
        form->kind = fact->kind;
        *has_kind = true;
    }
    if (!form->logger && fact->logger) {
        form->logger = fact->logger;
        form->wrapped = fact->wrapped;
    }
}

struct legacy_form legacy_form_of(struct span ns)
{
    struct legacy_form form = { NULL, NULL, false };
    bool has_kind = false;

    pthread_once(&once, read_tables);
    complete(&form, &has_kind, &find_place(ns)->itself);
    while (ns.len > 0 && !(has_kind && form.logger)) {
        while (ns.len > 0 && ns.at[--ns.len] != '.')
            ;
        complete(&form, &has_kind, &find_place(ns)->below);
    }
    return form;
}

const char *legacy_kind_of(struct span ns)
{
    return legacy_form_of(ns).kind;
}

const char *legacy_logger_of(struct span ns)
{
    return legacy_form_of(ns).logger;
}

bool legacy_wraps_credentials(struct span ns)
{
    return legacy_form_of(ns).wrapped;
}

/* Whether pattern is ns, or stands for names below it. */
static bool reaches(const char *pattern, struct span ns)
{
    struct span whole = span_of(pattern);

    return whole.len >= ns.len && memcmp(whole.at, ns.at, ns.len) == 0 &&
           (whole.len == ns.len || whole.at[ns.len] == '.');
}

bool legacy_has_namespace(struct span ns)
{
    pthread_once(&once, read_tables);
    if (ns.len == 0)
        return true;
    for (size_t i = 0; i < tables.name_count; i++)
        if (tables.names[i].ns && reaches(tables.names[i].ns, ns))
            return true;
    for (size_t i = 0; i < tables.toggle_count; i++)
        if (reaches(tables.toggles[i].ns, ns))
            return true;
    return false;
}

/* The row's old name is ns, or a pattern that stands for it. */
static bool is_former(const struct legacy_name *row, const char *ns)
{
    size_t len = strlen(row->old);

    if (row->generation != LEGACY_FORMER)
        return false;
    return strcmp(row->old, ns) == 0 ||
           (span_ends((struct span){ row->old, len }, ".*") && strncmp(row->old, ns, len - 1) == 0);
}

const char *legacy_today(const char *ns)
{
    pthread_once(&once, read_tables);
    for (size_t i = 0; i < tables.name_count; i++)
        if (is_former(&tables.names[i], ns))
            return tables.names[i].ns;
    return ns;
}

/* --- Metrics ---------------------------------------------------------------------------- */

/* On pages all marks are "_". */
static bool same_mark(char a, char b)
{
    return a == b || ((a == '.' || a == '_') && (b == '.' || b == '_'));
}

static bool starts_alike(struct span name, struct span prefix)
{
    size_t i = 0;

    while (i < prefix.len && i < name.len && same_mark(name.at[i], prefix.at[i]))
        i++;
    return i == prefix.len;
}

static struct span without_prefix(struct span name)
{
    const struct span prefix = span_of("cardano.node.metrics.");

    if (!starts_alike(name, prefix))
        return name;
    return (struct span){ name.at + prefix.len, name.len - prefix.len };
}

static struct span without_suffix(struct span name)
{
    static const char *const suffixes[] = { "_int", "_real", "_counter" };

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++)
        if (span_ends(name, suffixes[i]))
            name.len -= strlen(suffixes[i]);
    return name;
}

static bool means(const char *known, struct span name, bool has_suffix)
{
    struct span whole;

    if (!known)
        return false;
    whole = span_of(known);
    if (whole.len == name.len)
        return starts_alike(name, whole);
    whole = without_suffix(whole);
    return has_suffix && whole.len == name.len && starts_alike(name, whole);
}

bool legacy_metric_is(const struct legacy_metric *m, struct span name)
{
    name = without_prefix(name);
    return means(m->name, name, true) || means(m->early, name, false);
}

const char *legacy_metric_of(struct span name, size_t which)
{
    pthread_once(&once, read_tables);
    for (size_t i = 0; i < tables.metric_count; i++)
        if (legacy_metric_is(&tables.metrics[i], name) && which-- == 0)
            return tables.metrics[i].old;
    return NULL;
}

/* --- The tables --------------------------------------------------------------------------- */

const struct legacy_name *legacy_names(size_t *ret_count)
{
    pthread_once(&once, read_tables);
    *ret_count = tables.name_count;
    return tables.names;
}

const struct legacy_toggle *legacy_toggles(size_t *ret_count)
{
    pthread_once(&once, read_tables);
    *ret_count = tables.toggle_count;
    return tables.toggles;
}

const struct legacy_metric *legacy_metrics(size_t *ret_count)
{
    pthread_once(&once, read_tables);
    *ret_count = tables.metric_count;
    return tables.metrics;
}
