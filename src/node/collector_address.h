/* Where the collector of a program's traces is. */
#ifndef OU_NODE_COLLECTOR_ADDRESS_H
#define OU_NODE_COLLECTOR_ADDRESS_H

struct collector_address {
    /* A path or host:port to connect to, or one to listen at; both NULL: there is none. */
    const char *connect, *accept;
    /* What becomes of the connection, for people: forward_told of ouroscope/trace.h. May be NULL. */
    void (*told)(void *context, const char *what);
    void *context;
};

#endif
