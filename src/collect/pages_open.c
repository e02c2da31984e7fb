/* The web servers of the collector, as the configuration asks for them. */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "collect/collector_inside.h"
#include "collect/own_points.h"

#define PEM_BYTES ((size_t)1 << 20)

enum page { PAGE_PROMETHEUS, PAGE_EKG, PAGE_EKG_SECOND, PAGE_TIMESERIES, PAGE_LIVE };

_Static_assert(PAGE_LIVE + 1 == COLLECTOR_PAGES, "a server for each kind of page");

static const struct web_endpoint *endpoint_of(const struct collector_config *config, enum page page)
{
    switch (page) {
    case PAGE_PROMETHEUS: return &config->prometheus;
    case PAGE_EKG: return &config->ekg;
    case PAGE_EKG_SECOND: return &config->ekg_second;
    case PAGE_TIMESERIES: return &config->timeseries;
    default: return &config->rtview;
    }
}

static http_handler *handler_of(enum page page)
{
    switch (page) {
    case PAGE_PROMETHEUS: return prometheus_pages;
    case PAGE_EKG:
    case PAGE_EKG_SECOND: return ekg_pages;
    case PAGE_TIMESERIES: return timeseries_pages;
    default: return live_pages;
    }
}

static void tell_started(enum page page, const char *at)
{
    switch (page) {
    case PAGE_PROMETHEUS: OU_TRACE(tracer_started_prometheus, at); break;
    case PAGE_EKG:
    case PAGE_EKG_SECOND: OU_TRACE(tracer_started_monitoring, at); break;
    case PAGE_TIMESERIES: OU_TRACE(tracer_started_timeseries, at); break;
    case PAGE_LIVE: OU_TRACE(tracer_started_live, at); break;
    }
}

/* --- TLS ------------------------------------------------------------------------------------ */

/* The texts of certificate, key and chain, in this order. */
struct pem {
    struct buffer texts[3];
};

static void pem_release(struct pem *pem)
{
    for (size_t i = 0; i < 3; i++)
        buffer_release(&pem->texts[i]);
}

static enum ou_status pem_load(const struct collector_config *config, struct pem *ret,
                               struct ou_error *err)
{
    enum ou_status status;

    for (size_t i = 0; i < 3; i++)
        buffer_init(&ret->texts[i], allocator_libc(), PEM_BYTES);
    status = file_read(config->certificate_file, &ret->texts[0], err);
    if (!status)
        status = file_read(config->key_file, &ret->texts[1], err);
    for (size_t i = 0; i < config->chain_count && !status; i++)
        status = file_read(config->chain_files[i], &ret->texts[2], err);
    return status;
}

/* --- Opening ---------------------------------------------------------------------------------- */

static enum ou_status open_server(struct collector *c, enum page page, const struct http_tls *tls,
                                  struct ou_error *err)
{
    const struct web_endpoint *e = endpoint_of(c->config, page);
    const struct http_server_options options = {
        .host = e->host,
        .port = e->port,
        .tls = tls,
        .handler = handler_of(page),
        .context = &c->view,
    };
    enum ou_status status = http_server_open(&c->loop, &options, &c->pages[page], err);
    char at[ENDPOINT_ROOM + 16];

    if (status)
        return status;
    snprintf(at, sizeof(at), "%s://%s%s%s:%u/", tls ? "https" : "http",
             strchr(e->host, ':') ? "[" : "", e->host, strchr(e->host, ':') ? "]" : "",
             (unsigned)http_server_port(c->pages[page]));
    tell_started(page, at);
    return OU_OK;
}

static enum ou_status open_encrypted(struct collector *c, enum page page, struct ou_error *err)
{
    struct pem pem;
    enum ou_status status = pem_load(c->config, &pem, err);
    const struct http_tls tls = {
        .certificate = buffer_string(&pem.texts[0]),
        .key = buffer_string(&pem.texts[1]),
        .chain = c->config->chain_count ? buffer_string(&pem.texts[2]) : NULL,
    };

    if (!status)
        status = open_server(c, page, &tls, err);
    pem_release(&pem);
    return status;
}

/* Without a certificate, what was to be encrypted is served plainly, as cardano-tracer does, and that is told. */
static enum ou_status open_page(struct collector *c, enum page page, struct ou_error *err)
{
    const struct web_endpoint *e = endpoint_of(c->config, page);

    if (!e->wanted)
        return OU_OK;
    if (e->force_tls && c->config->certificate_file)
        return open_encrypted(c, page, err);
    if (e->force_tls)
        OU_TRACE(tracer_missing_certificate, e->host);
    return open_server(c, page, NULL, err);
}

enum ou_status collector_open_pages(struct collector *c, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (int page = 0; page < COLLECTOR_PAGES && !status; page++)
        status = open_page(c, (enum page)page, err);
    return status;
}

/* An encrypted page is opened again at any reload: its certificate may be a new one. */
static bool is_same(const struct web_endpoint *a, const struct web_endpoint *b)
{
    return a->wanted == b->wanted && !a->force_tls && !b->force_tls &&
           (!a->wanted || (a->port == b->port && strcmp(a->host, b->host) == 0));
}

void collector_reopen_pages(struct collector *c, const struct collector_config *old)
{
    struct ou_error err = { "" };
    bool keep[COLLECTOR_PAGES];

    /* All that goes is closed first: a port may go from one page to another. */
    for (int page = 0; page < COLLECTOR_PAGES; page++) {
        keep[page] =
            is_same(endpoint_of(old, (enum page)page), endpoint_of(c->config, (enum page)page)) &&
            c->pages[page];
        if (!keep[page]) {
            http_server_close(c->pages[page]);
            c->pages[page] = NULL;
        }
    }
    for (int page = 0; page < COLLECTOR_PAGES; page++)
        if (!keep[page] && open_page(c, (enum page)page, &err))
            OU_TRACE(tracer_error, err.text);
}

void collector_close_pages(struct collector *c)
{
    for (int page = 0; page < COLLECTOR_PAGES; page++) {
        http_server_close(c->pages[page]);
        c->pages[page] = NULL;
    }
}
