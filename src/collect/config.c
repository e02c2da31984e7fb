#include "collect/config.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "collect/config_inside.h"

#define CONFIG_MEMORY_MAX ((size_t)64 << 20)

static const char *const known_members[] = {
    "networkMagic",    "network",       "logging",
    "rotation",        "loRequestNum",  "ekgRequestFreq",
    "ekgRequestFull",  "hasPrometheus", "hasEKG",
    "hasRTView",       "hasTimeseries", "tlsCertificate",
    "hasForwarding",   "verbosity",     "metricsComp",
    "metricsNoSuffix", "metricsHelp",   "prometheusLabels",
    "resourceFreq",    "ouroscope",     NULL,
};

/* --- What cardano-tracer refuses ----------------------------------------------------------- */

static bool has_empty_root(const struct collector_config *c)
{
    for (size_t i = 0; i < c->log_count; i++)
        if (c->logs[i].mode == LOG_FILES && !*c->logs[i].root)
            return true;
    return false;
}

static bool has_no_host(const struct web_endpoint *e)
{
    return e->wanted && !*e->host;
}

/* Two pages at one place. cardano-tracer does not look at the hosts, and only at the first two kinds of page. */
static bool collide(const struct web_endpoint *a, const struct web_endpoint *b, bool any_host)
{
    return a->wanted && b->wanted && a->port != 0 && a->port == b->port &&
           (any_host || strcmp(a->host, b->host) == 0);
}

static void add_problem(struct buffer *problems, bool there, const char *text)
{
    if (there)
        buffer_printf(problems, "%s%s", problems->len ? ", " : "", text);
}

/* cardano-tracer's words, and which ones. */
static void add_duplicate_ports(struct buffer *problems, const struct collector_config *c)
{
    const struct {
        const struct web_endpoint *page;
        const char *member;
    } pages[] = { { &c->prometheus, "hasPrometheus" },
                  { &c->ekg, "hasEKG" },
                  { &c->ekg_second, "hasEKG" },
                  { &c->rtview, "hasRTView" },
                  { &c->timeseries, "hasTimeseries" } };
    const size_t count = sizeof(pages) / sizeof(pages[0]);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            if (!collide(pages[i].page, pages[j].page, j < 3))
                continue;
            add_problem(problems, true, "duplicate ports in config");
            buffer_printf(problems, " (%u: %s and %s)", (unsigned)pages[i].page->port,
                          pages[i].member, pages[j].member);
            return;
        }
    }
}

/* In its words, and its order. */
static void check(struct settings *s, const struct collector_config *c)
{
    const bool unreachable = c->network.count == 0;
    struct buffer problems;

    buffer_init(&problems, allocator_libc(), 1024);
    add_problem(&problems, unreachable && c->network.listen, "AcceptAt is empty");
    add_problem(&problems, unreachable && !c->network.listen, "ConnectTo are empty");
    add_problem(&problems, has_empty_root(c), "empty logRoot(s)");
    add_problem(&problems, has_no_host(&c->ekg) || has_no_host(&c->ekg_second),
                "no host(s) in hasEKG");
    add_problem(&problems, has_no_host(&c->prometheus), "no host in hasPrometheus");
    add_problem(&problems, has_no_host(&c->rtview), "no host in hasRTView");
    add_problem(&problems, has_no_host(&c->timeseries), "no host in hasTimeseries");
    add_problem(&problems, c->forwarding.wanted && c->forwarding.network.count == 0,
                "no address in hasForwarding");
    add_duplicate_ports(&problems, c);
    if (problems.len)
        settings_refuse(s, NULL, "%s", buffer_string(&problems));
    buffer_release(&problems);
}

/* What is allowed and most likely not meant. */
static void warn_of_oddities(struct settings *s, const struct config_node *root,
                             const struct collector_config *c)
{
    const struct web_endpoint *pages[] = { &c->prometheus, &c->ekg, &c->ekg_second, &c->rtview,
                                           &c->timeseries };

    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]) && !c->certificate_file; i++) {
        if (pages[i]->wanted && pages[i]->force_tls) {
            settings_warn(s, root,
                          "\"epForceSSL\" has no effect: there is no tlsCertificate, pages are "
                          "served without encryption");
            break;
        }
    }
    if (c->forwarding.wanted && !c->forwarding.network.listen && c->forwarding.network.count > 1)
        settings_warn(s, config_member(root, "hasForwarding"),
                      "\"hasForwarding\" forwards to the first address of ConnectTo only");
}

/* --- Reading ------------------------------------------------------------------------------ */

static void read_all(struct settings *s, const struct config_node *root, struct collector_config *c)
{
    if (!settings_is_object(s, root, "the configuration"))
        return;
    settings_expect_or(s, root, "the configuration", known_members, config_our_members,
                       "ouroscope");
    config_read_tracer(s, root, c);
    config_read_ours(s, root, c);
    if (s->status)
        return;
    check(s, c);
    warn_of_oddities(s, root, c);
}

enum ou_status collector_config_parse(struct span text, const char *name, struct buffer *warnings,
                                      struct collector_config **ret, struct ou_error *err)
{
    struct settings s = { .name = name, .warnings = { .lines = warnings }, .err = err };
    struct collector_config *c;
    struct config_tree tree;
    enum ou_status status = config_tree_parse(text, name, &tree, err);

    if (status)
        return status;
    c = alloc_zeroed(allocator_libc(), sizeof(*c));
    if (!c) {
        config_tree_release(&tree);
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory for the configuration", name);
    }
    arena_init(&c->memory, allocator_libc(), CONFIG_MEMORY_MAX);
    s.memory = &c->memory;
    if (tree.root)
        read_all(&s, tree.root, c);
    else
        settings_refuse(&s, NULL, "the file is empty");
    settings_warn_rest(&s);
    config_tree_release(&tree);
    if (s.status)
        collector_config_free(c);
    else
        *ret = c;
    return s.status;
}

/* --- Files -------------------------------------------------------------------------------- */

static enum ou_status parse_help(struct collector_config *c, struct span text,
                                 struct buffer *warnings, struct ou_error *err)
{
    struct settings s = { .name = c->metric_help_file,
                          .memory = &c->memory,
                          .warnings = { .lines = warnings },
                          .err = err };
    struct config_tree tree;
    enum ou_status status = config_tree_parse(text, s.name, &tree, err);

    if (status)
        return status;
    if (tree.root)
        config_read_pairs(&s, tree.root, "metricsHelp", &c->metric_help);
    config_tree_release(&tree);
    return s.status;
}

/* The file that metricsHelp names. */
static enum ou_status load_help(struct collector_config *c, struct buffer *warnings,
                                struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    if (!c->metric_help_file)
        return OU_OK;
    buffer_init(&text, allocator_libc(), CONFIG_BYTES_MAX);
    status = file_read(c->metric_help_file, &text, err);
    if (!status)
        status = parse_help(c, (struct span){ text.at, text.len }, warnings, err);
    buffer_release(&text);
    return status;
}

enum ou_status collector_config_load(const char *path, struct buffer *warnings,
                                     struct collector_config **ret, struct ou_error *err)
{
    struct collector_config *c = NULL;
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), CONFIG_BYTES_MAX);
    status = file_read(path, &text, err);
    if (!status)
        status =
            collector_config_parse((struct span){ text.at, text.len }, path, warnings, &c, err);
    buffer_release(&text);
    if (!status)
        status = load_help(c, warnings, err);
    if (status)
        collector_config_free(c);
    else
        *ret = c;
    return status;
}

void collector_config_free(struct collector_config *c)
{
    if (!c)
        return;
    arena_release(&c->memory);
    alloc_free(allocator_libc(), c, sizeof(*c));
}
