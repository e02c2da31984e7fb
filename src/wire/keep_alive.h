/* Protocols 8 and 10: keep-alive, and peer-sharing, of which nodes of ours only say that they have
 * nothing to share. Pure. */
#ifndef OU_WIRE_KEEP_ALIVE_H
#define OU_WIRE_KEEP_ALIVE_H

#include "wire/protocol.h"

enum keep_alive_key { KEEP_ALIVE_PING = 0, KEEP_ALIVE_PONG = 1, KEEP_ALIVE_DONE = 2 };
enum keep_alive_state { KEEP_ALIVE_CLIENT, KEEP_ALIVE_SERVER, KEEP_ALIVE_ENDED };

struct keep_alive_message {
    enum keep_alive_key key;
    uint16_t cookie;
};

enum wire_result keep_alive_read(struct bytes message, struct keep_alive_message *ret,
                                 const char **ret_why);
void keep_alive_write(struct buffer *b, struct keep_alive_message m);

enum peer_sharing_key { PEER_SHARING_REQUEST = 0, PEER_SHARING_PEERS = 1, PEER_SHARING_DONE = 2 };
enum peer_sharing_state { PEER_SHARING_IDLE, PEER_SHARING_BUSY, PEER_SHARING_ENDED };

struct peer_sharing_message {
    enum peer_sharing_key key;
    uint8_t amount;    /* Request */
    size_t peer_count; /* Peers; addresses are passed over */
};

enum wire_result peer_sharing_read(struct bytes message, struct peer_sharing_message *ret,
                                   const char **ret_why);
void peer_sharing_write(struct buffer *b, struct peer_sharing_message m); /* Peers: an empty list */

#endif
