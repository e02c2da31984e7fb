/* The history and its pages without a collector: loads samples from a table, and answers queries
 * until its standard input ends.
 *
 *     query-server FILE        lines of NAME<tab>NODE<tab>MILLISECONDS<tab>VALUE, oldest first
 *
 * It says "port N" when it is ready. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "collect/pages.h"

enum { HUNDRED_DAYS_MS = 100 * 86400 };

static void load(struct history *h, FILE *file)
{
    char line[1024];

    while (fgets(line, sizeof(line), file)) {
        char name[256], node[256], value[64];
        int64_t at_ms;

        if (sscanf(line, "%255[^\t]\t%255[^\t]\t%" SCNd64 "\t%63s", name, node, &at_ms, value) !=
                4 ||
            history_put(h, name, node, at_ms, strtod(value, NULL)) != OU_OK) {
            fprintf(stderr, "query-server: %s", line);
            exit(1);
        }
    }
}

static void stop_when_closed(uv_poll_t *handle, int status, int events)
{
    char bytes[64];

    (void)status;
    (void)events;
    if (fread(bytes, 1, sizeof(bytes), stdin) == 0)
        uv_stop(handle->loop);
}

static void run(struct collector_view *view)
{
    struct http_server_options options = { .host = "127.0.0.1",
                                           .handler = timeseries_pages,
                                           .context = view };
    struct http_server *server;
    struct ou_error err = { 0 };
    uv_poll_t input;
    uv_loop_t loop;

    uv_loop_init(&loop);
    if (http_server_open(&loop, &options, &server, &err) != OU_OK) {
        fprintf(stderr, "query-server: %s\n", err.text);
        exit(1);
    }
    uv_poll_init(&loop, &input, 0);
    uv_poll_start(&input, UV_READABLE | UV_DISCONNECT, stop_when_closed);
    printf("port %u\n", http_server_port(server));
    fflush(stdout);
    uv_run(&loop, UV_RUN_DEFAULT);
    http_server_close(server);
    uv_close((uv_handle_t *)&input, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
}

int main(int argc, char **argv)
{
    struct collector_nodes nodes = { 0 };
    struct collector_view view = { .nodes = &nodes };
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;

    if (!file) {
        fprintf(stderr, "usage: query-server FILE\n");
        return 2;
    }
    view.history = history_new(UINT64_C(1000) * HUNDRED_DAYS_MS, (uint64_t)256 << 20);
    if (!view.history)
        return 1;
    load(view.history, file);
    fclose(file);
    run(&view);
    history_free(view.history);
    return 0;
}
