/* Where the collector of a program's traces is. */
#ifndef OU_NODE_COLLECTOR_ADDRESS_H
#define OU_NODE_COLLECTOR_ADDRESS_H

/* A path or host:port to connect to, or one to listen at; both NULL: there is none. */
struct collector_address {
    const char *connect, *accept;
};

#endif
