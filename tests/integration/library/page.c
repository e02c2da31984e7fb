/* A page of metrics on a free port, which is printed. Ends with its standard input. */
#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>

#include <ouroscope/metrics.h>
#include <ouroscope/node.h>
#include <ouroscope/trace.h>

#define TRIES 20 /* somebody else may take a port that was just free */

static int free_port(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(fd, (struct sockaddr *)&address, len) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &len) != 0)
        return 0;
    close(fd);
    return ntohs(address.sin_port);
}

static int start(void)
{
    struct ou_error err = { "" };
    char config[1024];

    for (int i = 0; i < TRIES; i++) {
        int port = free_port();

        snprintf(config, sizeof(config),
                 "TraceOptions: { '': { severity: Silence, "
                 "backends: [ PrometheusSimple 127.0.0.1 %d ] } }\n",
                 port);
        if (ou_trace_start(&(struct ou_trace_options){ .config_text = config }, &err) == OU_OK)
            return port;
    }
    fprintf(stderr, "%s\n", err.text);
    return 0;
}

int main(void)
{
    int port = start();
    char byte;

    if (!port)
        return 90;
    OU_TRACE(node_is_leader, 7);
    OU_TRACE(node_is_leader, 9);
    ou_metric_set("answer", 42);
    ou_trace_flush();
    printf("%d\n", port);
    fflush(stdout);
    if (read(STDIN_FILENO, &byte, 1) < 0)
        return 1;
    ou_trace_stop();
    return 0;
}
