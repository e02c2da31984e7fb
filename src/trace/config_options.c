/* TraceOptions: what applies to which names. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trace/config_read.h"
#include "trace/points.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

const struct backend_word config_backend_words[] = {
    { "Stdout MachineFormat", BACKEND_STDOUT_MACHINE },
    { "Stdout HumanFormatColoured", BACKEND_STDOUT_COLOURED },
    { "Stdout HumanFormatUncoloured", BACKEND_STDOUT_HUMAN },
    { "Stdout LegacyFormat", BACKEND_STDOUT_LEGACY },
    { "EKGBackend", BACKEND_EKG },
    { "Forwarder", BACKEND_FORWARDER },
    { "DatapointBackend", BACKEND_DATAPOINT },
    { NULL, 0 },
};

#define BACKEND_WORDS (COUNT(config_backend_words) - 1)

const char *const config_file_words[] = {
    [FILE_MACHINE] = "File MachineFormat",
    [FILE_HUMAN] = "File HumanFormatUncoloured",
    [FILE_COLOURED] = "File HumanFormatColoured",
    [FILE_LEGACY] = "File LegacyFormat",
};

/* --- PrometheusSimple [suffix|nosuffix] [host] port ---------------------------------- */

#define PROMETHEUS_USE "PrometheusSimple [suffix|nosuffix] [HOST] PORT"
#define HOST_BYTES_MAX 255

/* Takes the first word off the front of a text; an empty one when there is none. */
static struct span next_word(struct span *text)
{
    struct span word;

    while (text->len && *text->at == ' ')
        *text = (struct span){ text->at + 1, text->len - 1 };
    word = *text;
    word.len = 0;
    while (word.len < text->len && word.at[word.len] != ' ')
        word.len++;
    *text = (struct span){ text->at + word.len, text->len - word.len };
    return word;
}

/* The number of a port; 0: it is none. */
static int port_of(struct span word)
{
    int port = 0;

    if (word.len == 0 || word.len > 5)
        return 0;
    for (size_t i = 0; i < word.len; i++) {
        if (word.at[i] < '0' || word.at[i] > '9')
            return 0;
        port = 10 * port + (word.at[i] - '0');
    }
    return port <= 65535 ? port : 0;
}

static enum ou_status read_prometheus(struct config_reading *r, const struct config_node *value,
                                      struct span rest, bool is_root, unsigned *backends)
{
    struct config_prometheus *p = &r->config->prometheus;
    struct span word = next_word(&rest), host = { NULL, 0 };
    bool suffix = !span_is(word, "nosuffix");
    char *kept;
    int port;

    if (span_is(word, "suffix") || !suffix)
        word = next_word(&rest);
    if (rest.len) {
        host = word;
        word = next_word(&rest);
    }
    port = port_of(word);
    if (port == 0 || rest.len || host.len > HOST_BYTES_MAX)
        return config_refuse(r, value,
                             "\"%.80s\" is not " PROMETHEUS_USE ", with a port from 1 to 65535",
                             value->text.at);
    if (!is_root) {
        config_warn(r, value, "PrometheusSimple has an effect at the root only");
        return OU_OK;
    }
    kept = config_keep(r->config, host.len ? host : span_of("127.0.0.1"));
    if (!kept)
        return ou_fail(r->err, OU_NO_MEMORY, "read %s: no memory", r->name);
    p->wanted = true;
    p->suffix = suffix;
    p->host = kept;
    p->port = port;
    *backends |= BACKEND_PROMETHEUS;
    return OU_OK;
}

/* --- File FORMAT PATH ------------------------------------------------------------------ */

/* The number of a file, which is entered into the list when it is new. */
static enum ou_status enter_file(struct config_reading *r, const struct config_node *value,
                                 enum file_format format, struct span path, unsigned *backends)
{
    struct config *c = r->config;
    int i = 0;
    char *kept;

    while (i < c->file_count && !span_is(path, c->files[i].path))
        i++;
    if (i < c->file_count && c->files[i].format != format)
        return config_refuse(r, value, "the file %.200s is given in two formats", path.at);
    if (i == CONFIG_FILES_MAX)
        return config_refuse(r, value, "more than %d files", CONFIG_FILES_MAX);
    if (i == c->file_count) {
        kept = config_keep(c, path);
        if (!kept)
            return ou_fail(r->err, OU_NO_MEMORY, "read %s: no memory", r->name);
        c->files[c->file_count++] = (struct config_file){ format, kept };
    }
    *backends |= BACKEND_FILE(i);
    return OU_OK;
}

static enum ou_status read_file(struct config_reading *r, const struct config_node *value,
                                unsigned *backends)
{
    for (size_t i = 0; i < COUNT(config_file_words); i++) {
        size_t len = strlen(config_file_words[i]);
        struct span text = value->text;

        if (span_starts(text, config_file_words[i]) && text.len > len + 1 && text.at[len] == ' ')
            return enter_file(r, value, (enum file_format)i,
                              (struct span){ text.at + len + 1, text.len - len - 1 }, backends);
    }
    return config_refuse(r, value,
                         "\"%.80s\" is not File FORMAT PATH, where FORMAT is MachineFormat, "
                         "HumanFormatUncoloured, HumanFormatColoured or LegacyFormat",
                         value->text.at);
}

/* --- The members of an options object ---------------------------------------------------- */

static enum ou_status read_backend(struct config_reading *r, const struct config_node *value,
                                   bool is_root, unsigned *backends)
{
    const char *words[BACKEND_WORDS + 2];
    const char prometheus[] = "PrometheusSimple";
    struct span text = { NULL, 0 };
    size_t which;
    enum ou_status status = config_want_text(r, value, "a backend", &text);

    if (status)
        return status;
    if (span_is(text, prometheus) || span_starts(text, "PrometheusSimple "))
        return read_prometheus(
            r, value, (struct span){ text.at + strlen(prometheus), text.len - strlen(prometheus) },
            is_root, backends);
    if (span_starts(text, "File "))
        return read_file(r, value, backends);
    for (size_t i = 0; i < BACKEND_WORDS; i++)
        words[i] = config_backend_words[i].word;
    words[BACKEND_WORDS] = PROMETHEUS_USE; /* to be named: the likes of them have been read */
    words[BACKEND_WORDS + 1] = "File FORMAT PATH";
    status = config_want_word(r, value, "a backend", words, COUNT(words), &which);
    if (!status)
        *backends |= config_backend_words[which].bit;
    return status;
}

/* Of several formats for standard output one is used. */
static unsigned one_stdout(unsigned backends)
{
    static const unsigned first_to_last[] = { BACKEND_STDOUT_COLOURED, BACKEND_STDOUT_HUMAN,
                                              BACKEND_STDOUT_MACHINE };

    for (size_t i = 0; i < COUNT(first_to_last); i++)
        if (backends & first_to_last[i])
            return (backends & ~BACKEND_STDOUT) | first_to_last[i];
    return backends;
}

static enum ou_status read_backends(struct config_reading *r, const struct config_member *m,
                                    const struct config_node *value, void *into)
{
    struct option_row *row = into;
    unsigned backends = 0;
    enum ou_status status = OU_OK;

    if (value->kind != CONFIG_LIST)
        return config_refuse(r, value, "%s must be a list of texts", m->name);
    for (const struct config_item *i = value->items; i && !status; i = i->next)
        status = read_backend(r, i->value, row->ns[0] == 0, &backends);
    row->backends = one_stdout(backends);
    row->set |= OPTION_BACKENDS;
    return status;
}

static enum ou_status read_severity(struct config_reading *r, const struct config_member *m,
                                    const struct config_node *value, void *into)
{
    const char *words[OU_SILENCE + 1];
    struct option_row *row = into;
    size_t which = 0;
    enum ou_status status;

    for (size_t i = 0; i < COUNT(words); i++)
        words[i] = severity_name((enum ou_severity)i);
    status = config_want_word(r, value, m->name, words, COUNT(words), &which);
    row->severity = (enum ou_severity)which;
    row->set |= OPTION_SEVERITY;
    return status;
}

static enum ou_status read_detail(struct config_reading *r, const struct config_member *m,
                                  const struct config_node *value, void *into)
{
    const char *words[OU_DMAXIMUM + 1];
    struct option_row *row = into;
    size_t which = 0;
    enum ou_status status;

    for (size_t i = 0; i < COUNT(words); i++)
        words[i] = detail_name((enum ou_detail)i);
    status = config_want_word(r, value, m->name, words, COUNT(words), &which);
    row->detail = (enum ou_detail)which;
    row->set |= OPTION_DETAIL;
    return status;
}

static enum ou_status read_frequency(struct config_reading *r, const struct config_member *m,
                                     const struct config_node *value, void *into)
{
    struct option_row *row = into;

    row->set |= OPTION_FREQUENCY;
    return config_read_real(r, m, value, into);
}

static const struct config_member option_members[] = {
    { .name = "severity", .read = read_severity },
    { .name = "detail", .read = read_detail },
    { .name = "backends", .read = read_backends },
    { .name = "maxFrequency",
      .read = read_frequency,
      .offset = offsetof(struct option_row, max_frequency),
      .most = HUGE_VAL },
};

/* --- TraceOptions -------------------------------------------------------------------------- */

static const struct option_row root_default = {
    .ns = "",
    .set = OPTION_ALL & ~OPTION_FREQUENCY,
    .severity = OU_NOTICE,
    .detail = OU_DNORMAL,
    .backends = BACKEND_STDOUT_MACHINE,
};

static void complete_root(struct option_row *root)
{
    if (!(root->set & OPTION_SEVERITY))
        root->severity = root_default.severity;
    if (!(root->set & OPTION_DETAIL))
        root->detail = root_default.detail;
    if (!(root->set & OPTION_BACKENDS))
        root->backends = root_default.backends;
    root->set |= root_default.set;
}

/* A name as it counts: nodes of 2023 dropped a first segment "Cardano". */
static struct span name_of(struct config_reading *r, const struct config_node *key)
{
    const char dropped[] = "Cardano.";
    const char *rest = key->text.at + strlen(dropped);

    if (!span_starts(key->text, dropped) || points_know(key->text.at) || !points_know(rest)) {
        config_check_name(r, key, key->text.at);
        return key->text;
    }
    config_warn(r, key, "%.200s is taken as %.200s", key->text.at, rest);
    return span_of(rest);
}

/* The longest name of a node has 70 bytes. As a key of JSON it is read as far as
 * 1024 characters, six of which may be one byte. */
#define NAME_BYTES_MAX 160

static enum ou_status new_row(struct config_reading *r, const struct config_node *key,
                              struct option_row *row)
{
    if (key->text.len > NAME_BYTES_MAX)
        return config_refuse(r, key, "a name of more than %d bytes", NAME_BYTES_MAX);
    row->ns = config_keep(r->config, name_of(r, key));
    if (!row->ns)
        return ou_fail(r->err, OU_NO_MEMORY, "read %s: no memory", r->name);
    return OU_OK;
}

static enum ou_status read_row(struct config_reading *r, const struct config_item *item,
                               struct option_row *row)
{
    char what[128];

    snprintf(what, sizeof(what), "the entry \"%.80s\" of TraceOptions", item->key->text.at);
    return config_read_object(r, item->value, what, option_members, COUNT(option_members), row);
}

static bool is_root(const struct config_item *item)
{
    return item->key->text.len == 0 || span_is(item->key->text, "_root_");
}

/* "" and "_root_"; where both are there, the latter wins. */
static enum ou_status read_root(struct config_reading *r, const struct config_node *map,
                                struct option_row *root)
{
    const struct config_item *plain = config_item(map, ""), *alias = config_item(map, "_root_");
    enum ou_status status = plain ? read_row(r, plain, root) : OU_OK;

    if (plain && alias)
        config_warn(r, alias->key, "the root has two entries, \"\" in line %d and \"_root_\"",
                    plain->key->line);
    if (!status && alias)
        status = read_row(r, alias, root);
    complete_root(root);
    return status;
}

static int compare_rows(const void *a, const void *b)
{
    const struct option_row *x = a, *y = b;

    return strcmp(x->ns, y->ns);
}

/* Two keys may mean one name: Cardano.ChainDB and ChainDB. */
static enum ou_status sort_rows(struct config_reading *r, const struct config_node *map,
                                struct options *o)
{
    qsort(o->rows, o->count, sizeof(*o->rows), compare_rows);
    for (size_t i = 1; i < o->count; i++)
        if (strcmp(o->rows[i - 1].ns, o->rows[i].ns) == 0)
            return config_refuse(r, map, "\"Cardano.%.200s\" and \"%.200s\" are one name",
                                 o->rows[i].ns, o->rows[i].ns);
    return OU_OK;
}

static enum ou_status new_rows(struct config *config, size_t count)
{
    struct options *o = config->options;

    o->count = 0;
    o->rows = arena_take(&o->arena, count * sizeof(*o->rows), _Alignof(struct option_row));
    return o->rows ? OU_OK : OU_NO_MEMORY;
}

enum ou_status config_read_options(struct config_reading *r, const struct config_node *map)
{
    struct options *o = r->config->options;
    enum ou_status status;

    if (map->kind != CONFIG_MAP)
        return config_refuse(r, map, "TraceOptions must be an object");
    if (new_rows(r->config, map->count + 1))
        return ou_fail(r->err, OU_NO_MEMORY, "read %s: no memory", r->name);
    o->rows[o->count].ns = "";
    status = read_root(r, map, &o->rows[o->count++]);
    for (const struct config_item *i = map->items; i && !status; i = i->next) {
        struct option_row *row = &o->rows[o->count];

        if (is_root(i) || config_is_null(i->value))
            continue;
        status = new_row(r, i->key, row);
        if (status)
            break;
        o->count++;
        status = read_row(r, i, row);
    }
    return status ? status : sort_rows(r, map, o);
}

/* --- Built in ------------------------------------------------------------------------- */

#define SEVERITY(name, level)                                     \
    {                                                             \
        .ns = (name), .set = OPTION_SEVERITY, .severity = (level) \
    }
#define LIMITER(name, second)                                            \
    {                                                                    \
        .ns = (name), .set = OPTION_FREQUENCY, .max_frequency = (second) \
    }

/* The options of cardano-node in 2026, in the order of names. */
static const struct option_row defaults[] = {
    { .ns = "",
      .set = OPTION_ALL & ~OPTION_FREQUENCY,
      .severity = OU_NOTICE,
      .detail = OU_DNORMAL,
      .backends = BACKEND_STDOUT_MACHINE | BACKEND_EKG },
    LIMITER("BlockFetch.Client.CompletedBlockFetch", 2),
    SEVERITY("BlockFetch.Decision", OU_SILENCE),
    SEVERITY("ChainDB", OU_INFO),
    SEVERITY("ChainDB.AddBlockEvent.AddBlockValidation", OU_SILENCE),
    LIMITER("ChainDB.AddBlockEvent.AddBlockValidation.ValidCandidate", 2),
    LIMITER("ChainDB.AddBlockEvent.AddedBlockToQueue", 2),
    LIMITER("ChainDB.AddBlockEvent.AddedBlockToVolatileDB", 2),
    LIMITER("ChainDB.CopyToImmutableDBEvent.CopiedBlockToImmutableDB", 2),
    SEVERITY("ChainSync.Client", OU_WARNING),
    SEVERITY("Forge.Loop", OU_INFO),
    SEVERITY("Forge.StateInfo", OU_INFO),
    SEVERITY("LedgerMetrics", OU_SILENCE),
    SEVERITY("Mempool", OU_INFO),
    SEVERITY("Net.ConnectionManager.Remote", OU_INFO),
    SEVERITY("Net.ErrorPolicy", OU_INFO),
    SEVERITY("Net.InboundGovernor", OU_WARNING),
    SEVERITY("Net.InboundGovernor.Remote", OU_INFO),
    SEVERITY("Net.Mux.Remote", OU_INFO),
    SEVERITY("Net.PeerSelection", OU_SILENCE),
    SEVERITY("Resources", OU_SILENCE),
    SEVERITY("Startup.DiffusionInit", OU_INFO),
};

enum ou_status config_default_options(struct config *config)
{
    enum ou_status status = new_rows(config, COUNT(defaults));

    if (status)
        return status;
    memcpy(config->options->rows, defaults, sizeof(defaults));
    config->options->count = COUNT(defaults);
    return OU_OK;
}

/* --- Lookup --------------------------------------------------------------------------- */

struct prefix {
    const char *at;
    size_t len;
};

static int compare_prefix(const void *key, const void *row)
{
    const struct prefix *p = key;
    const char *ns = ((const struct option_row *)row)->ns;
    int order = strncmp(p->at, ns, p->len);

    return order ? order : -(ns[p->len] != 0);
}

/* Takes of a row what no longer name has defined. */
static void inherit(struct option_row *into, const struct option_row *from)
{
    unsigned fresh = from->set & ~into->set;

    if (fresh & OPTION_SEVERITY)
        into->severity = from->severity;
    if (fresh & OPTION_DETAIL)
        into->detail = from->detail;
    if (fresh & OPTION_BACKENDS)
        into->backends = from->backends;
    if (fresh & OPTION_FREQUENCY)
        into->max_frequency = from->max_frequency;
    into->set |= fresh;
}

struct rule config_rule(const struct config *config, const char *ns)
{
    const struct options *o = config->options;
    struct option_row found = { .set = 0 };
    struct prefix p = { ns, strlen(ns) };

    for (;;) {
        const struct option_row *row =
            bsearch(&p, o->rows, o->count, sizeof(*o->rows), compare_prefix);

        if (row)
            inherit(&found, row);
        if (p.len == 0 || found.set == OPTION_ALL)
            break;
        do
            p.len--;
        while (p.len > 0 && ns[p.len] != '.');
    }
    return (struct rule){ found.severity, found.detail, found.backends, found.max_frequency };
}

bool config_forwards(const struct config *config)
{
    const struct options *o = config->options;

    for (size_t i = 0; i < o->count; i++)
        if ((o->rows[i].set & OPTION_BACKENDS) && (o->rows[i].backends & BACKEND_FORWARDER))
            return !config->legacy.wanted;
    return false;
}
