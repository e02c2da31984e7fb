#include "cmd/serve_config.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/endpoint.h"
#include "base/file.h"
#include "base/suggest.h"
#include "cmd/place.h"
#include "collect/settings.h"
#include "http/client.h"

#define CONFIG_MEMORY_MAX ((size_t)16 << 20)
#define PEM_BYTES_MAX ((size_t)1 << 20)
#define SECRET_BYTES_MAX 1024
#define OUTLETS_MAX 32
#define LIST_MAX 64
#define WORKERS_MAX 64

static const char *const log_words[] = { "stdout", "file", "none", NULL };
static const char *const form_words[] = { "machine", "human", NULL };
static const char *const read_words[] = { "open", "token", NULL };

/* ---- members ---- */

/* A member that nobody reads is a mistake: what was to be restricted by it would be open. */
static void expect(struct settings *s, const struct config_node *map, const char *what,
                   const char *const *names)
{
    for (const struct config_item *i = map->items; i; i = i->next) {
        struct suggestion near;
        bool known = false;

        suggest_for(&near, i->key->text);
        for (const char *const *name = names; *name; name++) {
            known = known || span_is(i->key->text, *name);
            suggest_consider(&near, *name);
        }
        if (!known)
            settings_refuse(s, i->key, "%s has no member \"%.80s\"%s%s%s", what, i->key->text.at,
                            near.best ? "; did you mean \"" : "", near.best ? near.best : "",
                            near.best ? "\"?" : "");
    }
}

/* A list of texts, NULL behind the last; NULL: not given. */
static const char *const *texts(struct settings *s, const struct config_node *map, const char *key)
{
    const struct config_node *list = settings_list(s, map, key);
    const char **out;
    size_t count = 0;

    if (!list)
        return NULL;
    if (list->count > LIST_MAX) {
        settings_refuse(s, list, "\"%s\" has more than %d items", key, LIST_MAX);
        return NULL;
    }
    out = settings_take(s, list->count + 1, sizeof *out);
    for (const struct config_item *i = list->items; out && i; i = i->next)
        out[count++] = settings_text_of(s, i->value, key);
    return out;
}

/* ---- where ---- */

static enum ou_status set_listen(struct serve_config *c, const char *text, struct ou_error *err)
{
    struct endpoint at;
    enum ou_status status = endpoint_parse(text, &at, err);

    if (status)
        return status;
    if (at.is_path)
        return ou_fail(err, OU_INVALID, "%.100s is no HOST:PORT", text);
    c->api.listen_host = arena_copy(&c->memory, at.text, strlen(at.text));
    c->api.listen_port = at.port;
    return c->api.listen_host ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for an address");
}

static void read_listen(struct settings *s, const struct config_node *root, struct serve_config *c)
{
    const char *text = settings_text(s, root, "listen");
    struct ou_error why = { "" };

    if (text && set_listen(c, text, &why))
        settings_refuse(s, config_member(root, "listen"), "%s", why.text);
}

static void read_public_url(struct settings *s, const struct config_node *root,
                            struct serve_config *c)
{
    const char *url = settings_text(s, root, "publicUrl");
    const char *rest = url ? strstr(url, "://") : NULL;

    if (!url)
        return;
    if ((strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0) || !rest[3] ||
        strpbrk(url, "?#@ \"<>") || url[strlen(url) - 1] == '/')
        settings_refuse(s, config_member(root, "publicUrl"),
                        "\"publicUrl\" must be like https://results.example.org, without a slash "
                        "at its end");
    c->api.public_url = url;
}

/* ---- files ---- */

static const char *read_pem(struct settings *s, const struct config_node *tls, const char *key)
{
    const char *path = settings_text(s, tls, key);
    struct ou_error why = { "" };
    const char *kept = NULL;
    struct buffer text;

    if (!path)
        return NULL;
    buffer_init(&text, allocator_libc(), PEM_BYTES_MAX);
    if (file_read(path, &text, &why))
        settings_refuse(s, config_member(tls, key), "\"%s\": %s", key, why.text);
    else
        kept = settings_keep(s, (struct span){ text.at, text.len });
    if (text.at)
        sodium_memzero(text.at, text.cap);
    buffer_release(&text);
    return kept;
}

static void read_tls(struct settings *s, const struct config_node *root, struct serve_config *c)
{
    static const char *const names[] = { "certificate", "key", "chain", NULL };
    const struct config_node *tls = settings_object(s, root, "tls");

    if (!tls)
        return;
    expect(s, tls, "tls", names);
    (void)settings_required(s, tls, "certificate");
    (void)settings_required(s, tls, "key");
    c->tls = (struct http_tls){ .certificate = read_pem(s, tls, "certificate"),
                                .key = read_pem(s, tls, "key"),
                                .chain = read_pem(s, tls, "chain") };
    c->api.tls = &c->tls;
}

/* ---- outlets ---- */

static const char *secret_of_file(struct settings *s, const struct config_node *outlet)
{
    const char *path = settings_text(s, outlet, "secretFile");
    struct ou_error why = { "" };
    const char *kept = NULL;
    struct buffer text;

    if (!path)
        return NULL;
    buffer_init(&text, allocator_libc(), SECRET_BYTES_MAX);
    if (file_read(path, &text, &why))
        settings_refuse(s, config_member(outlet, "secretFile"), "%s", why.text);
    while (text.len && (text.at[text.len - 1] == '\n' || text.at[text.len - 1] == '\r'))
        text.len--;
    if (text.len)
        kept = settings_keep(s, (struct span){ text.at, text.len });
    else if (!s->status)
        settings_refuse(s, config_member(outlet, "secretFile"), "%s is empty", path);
    if (text.at)
        sodium_memzero(text.at, text.cap);
    buffer_release(&text);
    return kept;
}

static const char *secret_of_environment(struct settings *s, const struct config_node *outlet)
{
    const char *name = settings_text(s, outlet, "secretVariable");
    const char *secret = name ? getenv(name) : NULL;

    if (name && (!secret || !*secret))
        settings_refuse(s, config_member(outlet, "secretVariable"),
                        "the environment has no variable %.80s", name);
    return secret && *secret ? settings_keep(s, span_of(secret)) : NULL;
}

static void check_outlet(struct settings *s, const struct config_node *node,
                         const struct api_outlet *outlet)
{
    const bool has_url = outlet->url != NULL;
    const bool has_command = outlet->command && outlet->command[0];

    if (has_url == has_command)
        settings_refuse(s, node, "an outlet needs either a url or a command");
    else if (has_url && strncmp(outlet->url, "http://", 7) != 0 &&
             strncmp(outlet->url, "https://", 8) != 0)
        settings_refuse(s, config_member(node, "url"), "\"url\" must be an address of HTTP");
    else if (!has_url && outlet->secret)
        settings_refuse(s, node, "a secret signs what a url gets; a command has none");
}

static void read_outlet(struct settings *s, const struct config_node *node, struct api_outlet *ret)
{
    static const char *const names[] = { "name",           "url", "command", "secretFile",
                                         "secretVariable", NULL };

    if (!settings_is_object(s, node, "an outlet"))
        return;
    expect(s, node, "an outlet", names);
    (void)settings_required(s, node, "name");
    ret->name = settings_text(s, node, "name");
    ret->url = settings_text(s, node, "url");
    ret->command = texts(s, node, "command");
    ret->secret = secret_of_file(s, node);
    if (!ret->secret)
        ret->secret = secret_of_environment(s, node);
    if (!s->status)
        check_outlet(s, node, ret);
}

static void read_outlets(struct settings *s, const struct config_node *root, struct serve_config *c)
{
    const struct config_node *list = settings_list(s, root, "outlets");
    struct api_outlet *outlets;

    if (!list)
        return;
    if (list->count > OUTLETS_MAX) {
        settings_refuse(s, list, "\"outlets\" has more than %d items", OUTLETS_MAX);
        return;
    }
    outlets = settings_take(s, list->count, sizeof *outlets);
    for (const struct config_item *i = list->items; outlets && i && !s->status; i = i->next) {
        struct api_outlet *outlet = &outlets[c->api.outlet_count];

        read_outlet(s, i->value, outlet);
        for (size_t k = 0; !s->status && k < c->api.outlet_count; k++)
            if (strcmp(outlets[k].name, outlet->name) == 0)
                settings_refuse(s, i->value, "two outlets are called \"%.80s\"", outlet->name);
        c->api.outlet_count++;
    }
    c->api.outlets = outlets;
}

/* ---- the rest ---- */

static void read_rate(struct settings *s, const struct config_node *root, struct serve_config *c)
{
    static const char *const names[] = { "requests", "seconds", NULL };
    const struct config_node *rate = settings_object(s, root, "rate");

    if (!rate)
        return;
    expect(s, rate, "rate", names);
    c->api.rate_requests = (unsigned)settings_count(s, rate, "requests", 1, 10000000, 6000);
    c->api.rate_window_s = (unsigned)settings_count(s, rate, "seconds", 1, 86400, 60);
}

static void read_log(struct settings *s, const struct config_node *root, struct serve_config *c)
{
    static const char *const names[] = { "to", "file", "form", NULL };
    const struct config_node *log = settings_object(s, root, "accessLog");

    if (!log)
        return;
    expect(s, log, "accessLog", names);
    c->log_file = settings_text(s, log, "file");
    c->log_to = (enum serve_log_to)settings_word(s, log, "to", log_words,
                                                 c->log_file ? SERVE_LOG_FILE : SERVE_LOG_STDOUT);
    c->log_form = (enum serve_log_form)settings_word(s, log, "form", form_words, SERVE_LOG_MACHINE);
    if ((c->log_to == SERVE_LOG_FILE) != (c->log_file != NULL))
        settings_refuse(s, log, "\"file\" goes with \"to\": \"file\", and is needed there");
}

static void read_all(struct settings *s, const struct config_node *root, struct serve_config *c)
{
    static const char *const names[] = { "database", "listen",  "publicUrl", "trustedProxies",
                                         "reads",    "origins", "rate",      "workers",
                                         "tls",      "runs",    "outlets",   "accessLog",
                                         NULL };

    if (!settings_is_object(s, root, "the configuration"))
        return;
    expect(s, root, "the configuration", names);
    c->database = settings_text(s, root, "database");
    read_listen(s, root, c);
    read_public_url(s, root, c);
    c->api.trusted_proxies = texts(s, root, "trustedProxies");
    c->api.reads_need_token = settings_word(s, root, "reads", read_words, 0) == 1;
    c->api.origins = texts(s, root, "origins");
    c->api.workers = (unsigned)settings_count(s, root, "workers", 1, WORKERS_MAX, 2);
    c->api.run_folders = texts(s, root, "runs");
    read_rate(s, root, c);
    read_tls(s, root, c);
    read_outlets(s, root, c);
    read_log(s, root, c);
}

enum ou_status serve_config_read(struct span text, const char *name, struct serve_config *config,
                                 struct ou_error *err)
{
    struct settings s = { .name = name, .memory = &config->memory, .err = err };
    struct config_tree tree;
    enum ou_status status = config_tree_parse(text, name, &tree, err);

    if (status)
        return status;
    if (tree.root)
        read_all(&s, tree.root, config);
    config_tree_release(&tree);
    return s.status;
}

static enum ou_status read_file(const char *path, struct serve_config *c, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), CONFIG_BYTES_MAX);
    status = file_read(path, &text, err);
    if (!status)
        status = serve_config_read((struct span){ text.at, text.len }, path, c, err);
    buffer_release(&text);
    return status;
}

/* ---- options ---- */

static enum ou_status take_folders(const struct parsed_options *options, struct serve_config *c,
                                   struct ou_error *err)
{
    const char **folders = arena_take(&c->memory, (options->given_count + 1) * sizeof *folders,
                                      _Alignof(const char *));
    size_t count = 0;

    if (!folders)
        return ou_fail(err, OU_NO_MEMORY, "no memory for folders");
    for (size_t i = 0; i < options->given_count; i++)
        if (options->given[i].option == SERVE_OPTION_RUNS)
            folders[count++] = options->given[i].value;
    if (count > 0)
        c->api.run_folders = folders;
    return OU_OK;
}

static enum ou_status take_options(const struct parsed_options *options, struct serve_config *c,
                                   struct ou_error *err)
{
    const char *listen = option_value(options, SERVE_OPTION_LISTEN);
    const char *reads = option_value(options, SERVE_OPTION_READS);
    const char *log = option_value(options, SERVE_OPTION_LOG);

    if (option_given(options, SERVE_OPTION_DB))
        c->database = option_value(options, SERVE_OPTION_DB);
    c->no_migration = option_given(options, SERVE_OPTION_NO_MIGRATE);
    if (reads)
        c->api.reads_need_token = strcmp(reads, "token") == 0;
    if (log) {
        c->log_to = strcmp(log, "none") == 0 ? SERVE_LOG_NONE : SERVE_LOG_STDOUT;
        c->log_form = strcmp(log, "human") == 0 ? SERVE_LOG_HUMAN : SERVE_LOG_MACHINE;
    }
    if (listen && set_listen(c, listen, err))
        return OU_USAGE;
    return take_folders(options, c, err);
}

enum ou_status serve_config_load(const struct parsed_options *options, struct serve_config *ret,
                                 struct ou_error *err)
{
    const char *path = option_value(options, SERVE_OPTION_CONFIG);
    enum ou_status status = OU_OK;

    *ret = (struct serve_config){ .api = { .listen_host = SERVE_HOST, .listen_port = SERVE_PORT } };
    arena_init(&ret->memory, allocator_libc(), CONFIG_MEMORY_MAX);
    if (path)
        status = read_file(path, ret, err);
    if (!status)
        status = take_options(options, ret, err);
    ret->database = place_or_default(ret->database);
    if (!status && place_is_server(ret->database))
        status =
            ou_fail(err, OU_USAGE, "a server is no database; --db takes a file or postgres://");
    return status;
}

static void overwrite(const char *secret)
{
    if (secret)
        sodium_memzero((char *)secret, strlen(secret));
}

void serve_config_release(struct serve_config *config)
{
    overwrite(config->tls.key);
    for (size_t i = 0; i < config->api.outlet_count; i++)
        overwrite(config->api.outlets[i].secret);
    arena_release(&config->memory);
}

/* ---- safety ---- */

bool serve_is_local(const struct serve_config *config)
{
    return http_is_loopback(config->api.listen_host) || strcmp(config->api.listen_host, "::1") == 0;
}

enum ou_status serve_config_check(const struct serve_config *config, struct ou_error *err)
{
    const struct api_config *api = &config->api;

    if (!api->reads_need_token || api->tls || serve_is_local(config) || api->trusted_proxies)
        return OU_OK;
    return ou_fail(err, OU_USAGE,
                   "tokens for reading would go to %.80s in clear text: give the configuration a "
                   "certificate (tls), or listen at 127.0.0.1 behind a proxy (trustedProxies)",
                   api->listen_host);
}
