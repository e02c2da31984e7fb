#include "node/generator_load.h"

#include <assert.h>

#include "wire/tx_submission.h"

enum ou_status load_init(struct load *l, struct generator_txs *txs, uint64_t tx_count,
                         size_t connections, struct ou_error *err)
{
    /* A number is in one window, or here: there are never more of them than windows hold. */
    size_t room = connections * TX_SUBMISSION_WINDOW;

    *l = (struct load){ .txs = txs, .tx_count = tx_count, .returned_room = room };
    l->returned = alloc_zeroed(allocator_libc(), room * sizeof *l->returned);
    return l->returned ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for the load");
}

void load_release(struct load *l)
{
    if (l->returned)
        alloc_free(allocator_libc(), l->returned, l->returned_room * sizeof *l->returned);
    *l = (struct load){ 0 };
}

void load_start(struct load *l, double tps, int64_t now_ns)
{
    throttle_start(&l->throttle, l->tx_count, tps, now_ns);
    l->running = true;
}

bool load_take(struct load *l, uint64_t *ret_number)
{
    if (l->returned_count > 0)
        *ret_number = l->returned[--l->returned_count];
    else if (l->next < l->tx_count)
        *ret_number = l->next++;
    else
        return false;
    return true;
}

void load_return(struct load *l, uint64_t number, bool was_sent)
{
    assert(l->returned_count < l->returned_room);
    l->returned[l->returned_count++] = number;
    l->sent -= was_sent;
}

bool load_is_done(const struct load *l)
{
    return l->acknowledged == l->tx_count;
}
