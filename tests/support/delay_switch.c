/* An Ethernet switch in user space that keeps every frame back for a while: hosts in network namespaces become hosts with
 * distance between them (netem would do it in kernels that have it).
 *
 *   delay-switch PLAN
 *
 * PLAN has a line a host, and a line a pair that is apart; delays are milliseconds one way, both ways alike:
 *
 *   host NAMESPACE IPV4
 *   delay FIRST SECOND MS      of hosts by their position, from 0
 *
 * It makes a TAP device "net0" in each namespace with this address (/24), prints "ready", and forwards IPv4 and ARP until its
 * standard input ends or SIGTERM comes; then it prints what it has counted, and the devices are gone. No learning: the last byte of a
 * MAC address is its host's position. A frame that finds no room is dropped, as switches do. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOSTS_MAX 64
#define FRAMES_MAX 16384 /* on their way at once: 60 ms at 400 MB/s */
#define FRAME_BYTES 1536 /* of an MTU of 1500, with its header */
#define BURST 64         /* frames taken from one host before others have their turn */
#define ETHERTYPE_AT 12

struct frame {
    int64_t due_ns;
    uint64_t number; /* frames that are due together leave in the order they came */
    int to;
    ssize_t bytes;
    unsigned char content[FRAME_BYTES];
};

struct host {
    char namespace_[64], address[16];
    int tap;
};

static struct host hosts[HOSTS_MAX];
static int host_count;
static int64_t delay_ns[HOSTS_MAX][HOSTS_MAX];
static struct frame
    *heap[FRAMES_MAX]; /* those that wait, the first due at [0]; behind heap_count: free ones */
static size_t heap_count;
static uint64_t forwarded, dropped, numbered;
static volatile sig_atomic_t ended;

static void end(int signal_number)
{
    (void)signal_number;
    ended = 1;
}

static void give_up(const char *what, const char *which)
{
    fprintf(stderr, "delay-switch: %s %s: %s\n", what, which, strerror(errno));
    exit(1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- the plan, and devices ---- */

static void read_line(const char *path, const char *line)
{
    int first, second;
    double ms;
    if (sscanf(line, "delay %d %d %lf", &first, &second, &ms) == 3 && first >= 0 && second >= 0 &&
        first < HOSTS_MAX && second < HOSTS_MAX && ms >= 0 && ms < 60e3) {
        delay_ns[first][second] = delay_ns[second][first] = (int64_t)(ms * 1e6);
    } else if (host_count < HOSTS_MAX &&
               sscanf(line, "host %63s %15s", hosts[host_count].namespace_,
                      hosts[host_count].address) == 2) {
        host_count++;
    } else {
        fprintf(stderr, "delay-switch: %s: what is \"%s\"?\n", path, line);
        exit(2);
    }
}

static void read_plan(const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        give_up("cannot read", path);
    }
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0') {
            read_line(path, line);
        }
    }
    fclose(file);
}

static void enter(const char *namespace_)
{
    char path[128];
    snprintf(path, sizeof path, "/var/run/netns/%.63s", namespace_);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET) != 0) {
        give_up("cannot enter", namespace_);
    }
    close(fd);
}

static void set_address(int fd, struct ifreq *request, unsigned long what, const char *text)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    inet_pton(AF_INET, text, &address.sin_addr);
    memcpy(&request->ifr_addr, &address, sizeof address);
    if (ioctl(fd, what, request) != 0) {
        give_up("cannot give an address:", text);
    }
}

/* The device of the namespace that we are in. */
static void configure(const struct host *host, int position)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = { .ifr_name = "net0" };
    const unsigned char mac[] = { 0x02, 0x4f, 0x55, 0x00, 0x00, (unsigned char)position };
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    memcpy(request.ifr_hwaddr.sa_data, mac, sizeof mac);
    if (fd < 0 || ioctl(fd, SIOCSIFHWADDR, &request) != 0) {
        give_up("cannot name the device of", host->namespace_);
    }
    set_address(fd, &request, SIOCSIFADDR, host->address);
    set_address(fd, &request, SIOCSIFNETMASK, "255.255.255.0");
    if (ioctl(fd, SIOCGIFFLAGS, &request) != 0) {
        give_up("cannot ask for", host->namespace_);
    }
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP | IFF_RUNNING);
    if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) {
        give_up("cannot begin", host->namespace_);
    }
    close(fd);
}

static void open_host(struct host *host, int position)
{
    enter(host->namespace_);
    host->tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    struct ifreq request = { .ifr_name = "net0", .ifr_flags = IFF_TAP | IFF_NO_PI };
    if (host->tap < 0 || ioctl(host->tap, TUNSETIFF, &request) != 0) {
        give_up("cannot make a device in", host->namespace_);
    }
    configure(host, position);
}

/* ---- frames on their way ---- */

static bool is_before(const struct frame *a, const struct frame *b)
{
    return a->due_ns != b->due_ns ? a->due_ns < b->due_ns : a->number < b->number;
}

static void swap(size_t i, size_t j)
{
    struct frame *held = heap[i];
    heap[i] = heap[j];
    heap[j] = held;
}

static void rise(size_t i)
{
    while (i > 0 && is_before(heap[i], heap[(i - 1) / 2])) {
        swap(i, (i - 1) / 2);
        i = (i - 1) / 2;
    }
}

static void sink(size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < heap_count; child++) {
            if (is_before(heap[child], heap[least])) {
                least = child;
            }
        }
        if (least == i) {
            return;
        }
        swap(i, least);
        i = least;
    }
}

static void send_later(int from, int to, const unsigned char *content, ssize_t bytes, int64_t now)
{
    if (heap_count >= FRAMES_MAX) {
        dropped++;
        return;
    }
    struct frame *frame = heap[heap_count];
    frame->due_ns = now + delay_ns[from][to];
    frame->number = numbered++;
    frame->to = to;
    frame->bytes = bytes;
    memcpy(frame->content, content, (size_t)bytes);
    rise(heap_count++);
}

static void send_due(int64_t now)
{
    while (heap_count > 0 && heap[0]->due_ns <= now) {
        const struct frame *frame = heap[0];
        if (write(hosts[frame->to].tap, frame->content, (size_t)frame->bytes) == frame->bytes) {
            forwarded++;
        } else {
            dropped++;
        }
        swap(0, --heap_count); /* its memory is the first free one */
        sink(0);
    }
}

/* A frame goes to the host of its address, or to all others. */
static void route(int from, const unsigned char *content, ssize_t bytes, int64_t now)
{
    const unsigned type = (unsigned)content[ETHERTYPE_AT] << 8 | content[ETHERTYPE_AT + 1];
    if (bytes < 14 || (type != 0x0800 && type != 0x0806)) {
        return;
    }
    const bool is_for_all = (content[0] & 1) != 0;
    for (int to = 0; to < host_count; to++) {
        if (to != from && (is_for_all || content[5] == to)) {
            send_later(from, to, content, bytes, now);
        }
    }
}

static void take_from(int from)
{
    unsigned char content[FRAME_BYTES];
    for (int i = 0; i < BURST; i++) {
        ssize_t bytes = read(hosts[from].tap, content, sizeof content);
        if (bytes <= 0) {
            return;
        }
        route(from, content, bytes, now_ns());
    }
}

static void wait_and_take(void)
{
    struct pollfd watched[HOSTS_MAX + 1];
    for (int i = 0; i < host_count; i++) {
        watched[i] = (struct pollfd){ .fd = hosts[i].tap, .events = POLLIN };
    }
    watched[host_count] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
    const int64_t wait_ns = heap_count == 0 ? 1000000000 : heap[0]->due_ns - now_ns();
    const struct timespec patience = { .tv_sec = wait_ns > 0 ? wait_ns / 1000000000 : 0,
                                       .tv_nsec = wait_ns > 0 ? wait_ns % 1000000000 : 0 };
    if (ppoll(watched, (nfds_t)host_count + 1, &patience, NULL) <= 0) {
        return;
    }
    char rest[64];
    if (watched[host_count].revents != 0 && read(STDIN_FILENO, rest, sizeof rest) <= 0) {
        ended = 1;
    }
    for (int i = 0; i < host_count; i++) {
        if (watched[i].revents != 0) {
            take_from(i);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: delay-switch PLAN\n");
        return 2;
    }
    read_plan(argv[1]);
    struct frame *frames = calloc(FRAMES_MAX, sizeof *frames);
    if (frames == NULL) {
        give_up("no memory for", "frames");
    }
    for (size_t i = 0; i < FRAMES_MAX; i++) {
        heap[i] = &frames[i];
    }
    for (int i = 0; i < host_count; i++) {
        open_host(&hosts[i], i);
    }
    signal(SIGTERM, end);
    signal(SIGINT, end);
    prctl(PR_SET_TIMERSLACK, 1000);
    puts("ready");
    fflush(stdout);
    while (!ended) {
        wait_and_take();
        send_due(now_ns());
    }
    printf("{\"forwarded\": %llu, \"dropped\": %llu}\n", (unsigned long long)forwarded,
           (unsigned long long)dropped);
    free(frames);
    return 0;
}
