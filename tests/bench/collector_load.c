/* collector-load: many nodes at full speed.
 *
 *   collector-load forward SOCKET CONNECTIONS OBJECTS FILE [MAGIC]
 *   collector-load lines   SOCKET CONNECTIONS OBJECTS FILE
 *
 * Sends the lines of FILE, over and over, OBJECTS of them over each connection to the
 * unix socket. `forward` speaks the forwarding protocol: lines are trace objects, given when
 * they are asked for, and the end is when the last one has been confirmed. `lines` just writes
 * lines to a stream socket, as log daemons take them, and the end is when the last one has
 * been taken by the kernel: the reader of the figures waits for the file to be complete.
 *
 * Prints, tab separated: objects, seconds, own CPU seconds. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "json/scan.h"
#include "wire/forwarder.h"

#define FILE_BYTES_MAX ((size_t)256 << 20)
#define CONNECTIONS_MAX 64
#define BATCH_BYTES (64 << 10)

/* Every line of the file: as text, and as an encoded trace object. */
struct corpus {
    struct buffer text, objects;
    struct span *lines; /* count of them, views into the text */
    size_t *object_at;  /* count + 1 of them: where each begins */
    size_t count;
};

struct connection {
    int fd;
    size_t number, next; /* objects handed out so far */
    size_t in_doubt, confirmed;
    struct forwarder_session *session;
    struct buffer pending; /* lines mode */
    size_t pending_at;
    const struct corpus *corpus;
    size_t objects; /* to be sent */
};

static void die(const char *what)
{
    fprintf(stderr, "collector-load: %s%s%s\n", what, errno ? ": " : "",
            errno ? strerror(errno) : "");
    exit(1);
}

static double now_s(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- the corpus ---- */

/* The text of a member at the top of the line; "" when there is none. */
static struct span member_of(struct span line, const char *name)
{
    struct scan s = scan_of(line.at, line.len);
    struct scan_text key, value = { { "", 0 }, false };
    bool first = true;

    if (!scan_enter_object(&s))
        return value.raw;
    while (scan_member(&s, &first, &key))
        if (span_is(key.raw, name) && scan_peek(&s) == '"' && scan_string(&s, &value))
            return value.raw;
        else if (!span_is(key.raw, name) && !scan_skip(&s))
            break;
    return value.raw;
}

static void add_object(struct corpus *c, struct span line)
{
    struct trace_object o = { .machine_kind = MACHINE_LINE,
                              .machine = line,
                              .name = { member_of(line, "ns") },
                              .name_count = 1,
                              .severity = 1,
                              .detail = 1,
                              .seconds = 1767225600 + (int64_t)c->count,
                              .host = member_of(line, "host"),
                              .thread = member_of(line, "thread") };

    c->lines[c->count] = line;
    c->object_at[c->count++] = c->objects.len;
    trace_object_write(&c->objects, &o);
}

static void load_corpus(const char *path, struct corpus *ret)
{
    static const char padding[SCAN_PADDING];
    struct ou_error err = { "" };
    const char *at, *end, *newline;
    size_t lines = 1;

    buffer_init(&ret->text, allocator_libc(), FILE_BYTES_MAX);
    buffer_init(&ret->objects, allocator_libc(), 2 * FILE_BYTES_MAX);
    if (file_read(path, &ret->text, &err))
        die(err.text);
    buffer_append(&ret->text, padding, sizeof padding);
    end = ret->text.at + (ret->text.len - sizeof padding);
    for (at = ret->text.at; at < end; at++)
        lines += *at == '\n';
    ret->object_at = calloc(lines + 1, sizeof *ret->object_at);
    ret->lines = calloc(lines + 1, sizeof *ret->lines);
    if (!ret->object_at || !ret->lines)
        die("no memory");
    for (at = ret->text.at; at < end && (newline = memchr(at, '\n', (size_t)(end - at)));
         at = newline + 1)
        add_object(ret, (struct span){ at, (size_t)(newline - at) });
    ret->object_at[ret->count] = ret->objects.len;
    if (ret->count == 0 || buffer_status(&ret->objects))
        die("no lines, or too many");
}

/* ---- a node's side of the protocol ---- */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t take(void *context, size_t most, struct buffer *out)
{
    struct connection *c = context;
    size_t count = smaller(most, c->objects - c->next), left = count;

    while (left > 0) {
        size_t from = c->next % c->corpus->count;
        size_t run = smaller(left, c->corpus->count - from);
        const size_t *at = c->corpus->object_at + from;

        buffer_append(out, c->corpus->objects.at + at[0], at[run] - at[0]);
        c->next += run;
        left -= run;
    }
    c->in_doubt = count;
    return count;
}

static void confirmed(void *context)
{
    struct connection *c = context;

    c->confirmed += c->in_doubt;
    c->in_doubt = 0;
}

#define METRICS 60

/* About as many as a node has. */
static void metrics(void *context, enum ekg_wanted wanted, struct ekg_list names,
                    struct buffer *out)
{
    struct connection *c = context;

    (void)wanted;
    (void)names;
    ekg_response_open(out, METRICS);
    for (int i = 0; i < METRICS; i++) {
        char name[40];
        int len = snprintf(name, sizeof name, "cardano.node.metrics.m%d_int", i);
        struct ekg_metric m = { .name = { name, (size_t)len },
                                .kind = EKG_GAUGE,
                                .value = (int64_t)(c->next + (size_t)i) };

        ekg_metric_write(out, &m);
    }
    ekg_response_close(out, METRICS);
}

static bool data_point(void *context, struct span name, struct buffer *out)
{
    const struct connection *c = context;

    if (!span_is(name, "NodeInfo"))
        return false;
    buffer_printf(out, "{\"niName\":\"bench-%zu\"}", c->number);
    return true;
}

/* ---- connections ---- */

static int dial(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || strlen(path) >= sizeof address.sun_path)
        die("socket");
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        die(path);
    return fd;
}

static void open_one(struct connection *c, const char *path, bool forward, uint32_t magic)
{
    const struct forwarder_source source = { c, take, confirmed, metrics, data_point };

    c->fd = dial(path);
    if (forward) {
        c->session = forwarder_session_new(true, magic, &source);
        if (!c->session)
            die("no memory");
    } else {
        buffer_init(&c->pending, allocator_libc(), 4 * BATCH_BYTES);
    }
}

static void send_session(struct connection *c)
{
    struct bytes out = forwarder_session_output(c->session);
    ssize_t sent;

    if (out.count == 0)
        return;
    sent = send(c->fd, out.at, out.count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        die("send");
    if (sent > 0)
        forwarder_session_sent(c->session, (size_t)sent);
}

static void receive_session(struct connection *c)
{
    static uint8_t bytes[65536];
    struct ou_error err = { "" };
    ssize_t got = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (got == 0 || (got < 0 && errno != EAGAIN))
        die("the collector closed a connection");
    if (got > 0 && forwarder_session_receive(c->session, (struct bytes){ bytes, (size_t)got },
                                             (uint32_t)(now_s() * 1e6), &err)) {
        errno = 0;
        die(err.text);
    }
}

static void step_forward(struct connection *c, short events)
{
    if (events & (POLLIN | POLLHUP | POLLERR))
        receive_session(c);
    send_session(c);
}

/* More lines, whole, up to a batch. */
static void refill(struct connection *c)
{
    buffer_clear(&c->pending);
    c->pending_at = 0;
    while (c->next < c->objects && c->pending.len < BATCH_BYTES) {
        struct span line = c->corpus->lines[c->next % c->corpus->count];

        buffer_append(&c->pending, line.at, line.len);
        buffer_char(&c->pending, '\n');
        c->next++;
    }
}

static void step_lines(struct connection *c)
{
    ssize_t sent;

    if (c->pending_at == c->pending.len)
        refill(c);
    sent = send(c->fd, c->pending.at + c->pending_at, c->pending.len - c->pending_at,
                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN)
        die("send");
    if (sent > 0)
        c->pending_at += (size_t)sent;
    if (c->pending_at == c->pending.len && c->next == c->objects)
        c->confirmed = c->objects;
}

static short wanted_of(const struct connection *c)
{
    if (c->confirmed == c->objects)
        return 0;
    if (!c->session)
        return POLLOUT;
    return (short)(POLLIN | (forwarder_session_output(c->session).count ? POLLOUT : 0));
}

static void run(struct connection *all, size_t count)
{
    struct pollfd polled[CONNECTIONS_MAX];
    size_t open = count;

    while (open > 0) {
        open = 0;
        for (size_t i = 0; i < count; i++) {
            polled[i] = (struct pollfd){ all[i].fd, wanted_of(&all[i]), 0 };
            open += polled[i].events != 0;
        }
        if (open && poll(polled, count, 30000) <= 0)
            die("nothing has moved for 30 s");
        for (size_t i = 0; i < count; i++)
            if (polled[i].events && polled[i].revents && all[i].session)
                step_forward(&all[i], polled[i].revents);
            else if (polled[i].events && polled[i].revents)
                step_lines(&all[i]);
    }
}

int main(int argc, char **argv)
{
    static struct connection all[CONNECTIONS_MAX];
    struct corpus corpus = { .count = 0 };
    struct rusage usage;
    size_t count, objects;
    bool forward;
    double start;

    if (argc < 6 || atoi(argv[3]) < 1 || atoi(argv[3]) > CONNECTIONS_MAX) {
        fprintf(stderr,
                "usage: collector-load forward|lines SOCKET CONNECTIONS OBJECTS FILE [MAGIC]\n");
        return 2;
    }
    forward = strcmp(argv[1], "forward") == 0;
    count = (size_t)atoi(argv[3]);
    objects = (size_t)strtoull(argv[4], NULL, 10);
    load_corpus(argv[5], &corpus);
    for (size_t i = 0; i < count; i++) {
        all[i] = (struct connection){ .number = i, .corpus = &corpus, .objects = objects };
        open_one(&all[i], argv[2], forward, argc > 6 ? (uint32_t)strtoul(argv[6], NULL, 10) : 42);
    }
    start = now_s();
    run(all, count);
    getrusage(RUSAGE_SELF, &usage);
    printf("%zu\t%.6f\t%.6f\n", count * objects, now_s() - start,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    return 0;
}
