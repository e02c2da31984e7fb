/* Protocol 4: the server asks, the client (initiator) has transactions. Pure. */
#ifndef OU_WIRE_TX_SUBMISSION_H
#define OU_WIRE_TX_SUBMISSION_H

#include "wire/chain_sync.h"

enum tx_submission_key {
    TX_SUBMISSION_REQUEST_IDS = 0,
    TX_SUBMISSION_REPLY_IDS = 1,
    TX_SUBMISSION_REQUEST_TXS = 2,
    TX_SUBMISSION_REPLY_TXS = 3,
    TX_SUBMISSION_DONE = 4,
    TX_SUBMISSION_INIT = 6,
};

/* A RequestTxIds leads to one of two states; protocol_next() says BLOCKING, and a caller that reads a
 * non-blocking one corrects that with tx_submission_next(). */
enum tx_submission_state {
    TX_SUBMISSION_START,
    TX_SUBMISSION_IDLE,
    TX_SUBMISSION_IDS_BLOCKING,
    TX_SUBMISSION_IDS_NON_BLOCKING,
    TX_SUBMISSION_TXS,
    TX_SUBMISSION_ENDED,
};

#define TX_SUBMISSION_WINDOW 10      /* ids sent and not acknowledged */
#define TX_SUBMISSION_ITEMS_MAX 1024 /* of one message; more is WIRE_BAD */

struct tx_id_size {
    uint8_t era;
    uint8_t id[32];
    uint32_t bytes; /* as tx_wire_bytes() counts; in requests 0 */
};

struct tx_bytes {
    uint8_t era;
    struct bytes tx; /* what stands in tag 24 */
};

struct tx_submission_message {
    enum tx_submission_key key;
    bool blocking;
    uint16_t acknowledged, requested;
    size_t count; /* of ids or txs, whichever the key has */
    const struct tx_id_size *ids;
    const struct tx_bytes *txs;
};

/* Room for what one message holds; readers point the message at it. */
struct tx_submission_room {
    struct tx_id_size ids[TX_SUBMISSION_ITEMS_MAX];
    struct tx_bytes txs[TX_SUBMISSION_ITEMS_MAX];
};

enum wire_result tx_submission_read(struct bytes message, struct tx_submission_message *ret,
                                    struct tx_submission_room *room, const char **ret_why);

/* Inner lists are written indefinite, as other nodes want them. */
void tx_submission_write(struct buffer *b, const struct tx_submission_message *m);

/* What is wrong with a RequestTxIds for a client with so many ids offered and not acknowledged; NULL: nothing. */
const char *tx_submission_request_fault(const struct tx_submission_message *m, size_t window_count);

/* protocol_next() that looks at `blocking`, too. */
int tx_submission_next(uint8_t state, struct bytes message);

/* Bytes of a transaction on the wire: with its era, tag and length. */
uint32_t tx_wire_bytes(size_t tx_bytes);

#endif
