#include "http/outgoing.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)

struct in6_addr outgoing_client(const struct sockaddr *address)
{
    struct in6_addr client = IN6ADDR_ANY_INIT;

    if (address->sa_family == AF_INET6) {
        client = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    } else if (address->sa_family == AF_INET) {
        client.s6_addr[10] = client.s6_addr[11] = 0xff;
        memcpy(client.s6_addr + 12,
               &((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr, 4);
    }
    return client;
}

static size_t left(size_t max, size_t used)
{
    return used < max ? max - used : 0;
}

/* There are as many as connections at most. */
static size_t bytes_of(const struct outgoing_list *list, const struct in6_addr *client)
{
    size_t bytes = 0;

    for (const struct outgoing *o = list->first; o; o = o->next)
        if (memcmp(&o->client, client, sizeof *client) == 0)
            bytes += o->bytes;
    return bytes;
}

size_t outgoing_room(const struct outgoing_list *list, const struct in6_addr *client)
{
    const size_t of_all = left(list->bytes_max, list->bytes);
    const size_t of_client = left(list->bytes_max / 4, bytes_of(list, client));

    return of_all < of_client ? of_all : of_client;
}

void outgoing_add(struct outgoing_list *list, struct outgoing *o, const struct in6_addr *client,
                  size_t bytes, int64_t now_ns)
{
    const int64_t transfer_s = (int64_t)(bytes / list->rate_bytes);

    *o = (struct outgoing){
        .next = list->first,
        .at = &list->first,
        .client = *client,
        .bytes = bytes,
        .deadline_ns = now_ns + list->grace_ns + transfer_s * NS_PER_S,
    };
    if (o->next)
        o->next->at = &o->next;
    list->first = o;
    list->bytes += bytes;
}

void outgoing_remove(struct outgoing_list *list, struct outgoing *o)
{
    *o->at = o->next;
    if (o->next)
        o->next->at = o->at;
    list->bytes -= o->bytes;
}

struct outgoing *outgoing_late(struct outgoing_list *list, int64_t now_ns)
{
    for (struct outgoing *o = list->first; o; o = o->next) {
        if (o->deadline_ns <= now_ns) {
            o->deadline_ns = INT64_MAX;
            return o;
        }
    }
    return NULL;
}

int64_t outgoing_deadline_ns(const struct outgoing_list *list)
{
    int64_t deadline_ns = INT64_MAX;

    for (const struct outgoing *o = list->first; o; o = o->next)
        if (o->deadline_ns < deadline_ns)
            deadline_ns = o->deadline_ns;
    return deadline_ns;
}
