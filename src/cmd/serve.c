/* ouroscope serve: results over HTTP, as an API and as pages. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/points.h"
#include "base/file.h"
#include "base/systemd.h"
#include "cmd/help.h"
#include "cmd/place.h"
#include "cmd/say.h"
#include "cmd/serve_config.h"
#include "cmd/serve_log.h"
#include "http/client.h"
#include "pages/pages.h"

#define SIGNALS 3
#define ALIVE_MS 1000 /* how often systemd hears that the loop turns */

/* One call of the command. Main thread. */
struct server {
    const struct command *command;
    struct serve_config config;
    uv_loop_t loop;
    uv_signal_t signals[SIGNALS];
    uv_timer_t alive;
    struct store *store;
    struct api *api;
    bool is_ending;
};

/* ---- what is told ---- */

static void warn(const struct server *s, const char *text)
{
    say_warning(s->command, text);
    OU_TRACE(results_warning, text);
}

static void tell_dangers(const struct server *s)
{
    if (!s->config.api.tls && !serve_is_local(&s->config) && !s->config.api.trusted_proxies)
        warn(s, "other machines reach this server without encryption: what they publish with a "
                "token is refused, and what they read can be read on the way");
    if (geteuid() == 0 && (!serve_is_local(&s->config) || s->config.api.trusted_proxies))
        warn(
            s,
            "other machines reach this server, and it is root; a user of its own that may read and write the "
            "database is enough");
}

static void listening_at(const struct server *s, char *ret, size_t room)
{
    const struct api_config *api = &s->config.api;
    const bool brackets = strchr(api->listen_host, ':') != NULL;

    snprintf(ret, room, "%s://%s%s%s:%u/", api->tls ? "https" : "http", brackets ? "[" : "",
             api->listen_host, brackets ? "]" : "", (unsigned)api_port(s->api));
}

/* Where it is as clients see it, and where it listens if that is another address. */
static void tell_ready(const struct server *s)
{
    const char *public_url = s->config.api.public_url;
    char at[512], line[2048];

    listening_at(s, at, sizeof at);
    if (public_url)
        snprintf(line, sizeof line, "Results at %.500s/ (database %.400s), listening at %s",
                 public_url, store_shown(s->store), at);
    else
        snprintf(line, sizeof line, "Results at %s (database %.400s)", at, store_shown(s->store));
    say(s->command, line);
    OU_TRACE(results_started, OUROSCOPE_VERSION, at, store_shown(s->store));
    systemd_ready();
}

/* ---- signals ---- */

static void close_handles(struct server *s)
{
    for (size_t i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&s->signals[i], NULL);
    uv_close((uv_handle_t *)&s->alive, NULL);
}

static void end(struct server *s, const char *why)
{
    OU_TRACE(results_stopping, why);
    systemd_stopping();
    s->is_ending = true;
    api_close(s->api);
    s->api = NULL;
    close_handles(s);
}

/* A further signal does not wait for whoever holds it up. */
static void end_at_once(int number)
{
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void reopen_log(const struct server *s)
{
    struct ou_error err = { "" };

    systemd_reloading();
    if (serve_log_reopen(&s->config, &err))
        warn(s, err.text);
    systemd_ready();
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct server *s = handle->data;

    if (number == SIGHUP)
        reopen_log(s);
    else if (s->is_ending)
        end_at_once(number);
    else
        end(s, number == SIGINT ? "SIGINT" : "SIGTERM");
}

static void watch_signals(struct server *s)
{
    static const int numbers[SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

    for (size_t i = 0; i < SIGNALS; i++) {
        uv_signal_init(&s->loop, &s->signals[i]);
        s->signals[i].data = s;
        uv_signal_start(&s->signals[i], on_signal, numbers[i]);
    }
}

static void on_alive(uv_timer_t *timer)
{
    (void)timer;
    systemd_alive();
}

static void tell_that_it_is_alive(struct server *s)
{
    uv_timer_init(&s->loop, &s->alive);
    uv_timer_start(&s->alive, on_alive, 0, ALIVE_MS);
}

/* ---- all of it ---- */

/* Each client takes a socket. */
static void raise_file_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static enum ou_status open_store(struct server *s, struct ou_error *err)
{
    const struct store_options options = { .migrate = !s->config.no_migration };

    return store_open(s->config.database, &options, &s->store, err);
}

static enum ou_status answer_requests(struct server *s, struct ou_error *err)
{
    enum ou_status status;

    uv_loop_init(&s->loop);
    watch_signals(s);
    tell_that_it_is_alive(s);
    s->config.api.site = &pages_site;
    status = api_open(&s->loop, s->store, &s->config.api, &s->api, err);
    if (status) {
        close_handles(s);
    } else {
        tell_dangers(s);
        tell_ready(s);
    }
    uv_run(&s->loop, UV_RUN_DEFAULT);
    uv_loop_close(&s->loop);
    if (!status)
        OU_TRACE(results_stopped);
    return status;
}

static enum ou_status serve(struct server *s, struct ou_error *err)
{
    enum ou_status status;

    raise_file_limit();
    (void)signal(SIGPIPE, SIG_IGN); /* a client that is gone is told by write() */
    status = http_client_ready(err);
    if (!status)
        status = serve_log_start(&s->config, err);
    if (status)
        return status;
    status = open_store(s, err);
    if (!status)
        status = answer_requests(s, err);
    store_close(s->store);
    ou_trace_stop();
    return status;
}

static enum ou_status tell_fine(const struct parsed_options *options, struct ou_error *err)
{
    const char *path = option_value(options, SERVE_OPTION_CONFIG);
    char line[4200];
    const int len =
        snprintf(line, sizeof line, "%.4096s: fine\n", path ? path : "the command line");

    return fd_write_all(STDOUT_FILENO, line, (size_t)len, err);
}

enum exit_code cmd_serve(const struct parsed_options *options)
{
    struct server *s = calloc(1, sizeof *s);
    struct ou_error err = { "" };
    enum ou_status status;

    if (!s) {
        say(options->command, "no memory for a server");
        return EXIT_FAILED;
    }
    s->command = options->command;
    unsetenv(PLACE_TOKEN_VARIABLE); /* no business of ours, nor of the commands of outlets */
    status = serve_config_load(options, &s->config, &err);
    if (!status)
        status = serve_config_check(&s->config, &err);
    if (!status && option_given(options, SERVE_OPTION_CHECK))
        status = tell_fine(options, &err);
    else if (!status)
        status = serve(s, &err);
    serve_config_release(&s->config);
    free(s);
    if (status == OU_USAGE)
        return say_usage_error(options->command, &err);
    if (status)
        say(options->command, err.text);
    return status ? EXIT_FAILED : EXIT_DONE;
}
