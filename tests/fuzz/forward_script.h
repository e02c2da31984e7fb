/* The input of a harness for one side of a forwarding connection: a script of what happens. Each
 * step is a byte that says what, one that is its number, and for frames and raw bytes as many
 * bytes as the number says. */
#ifndef OU_FUZZ_FORWARD_SCRIPT_H
#define OU_FUZZ_FORWARD_SCRIPT_H

#include <stdlib.h>

#include "wire/demux.h"

struct script {
    struct bytes rest;
};

struct script_step {
    uint8_t kind, number;
    struct bytes bytes;
};

static inline void must(bool holds)
{
    if (!holds)
        abort();
}

/* with_bytes: steps of kinds below this one bring bytes along. */
static inline bool script_next(struct script *s, uint8_t kinds, uint8_t with_bytes,
                               struct script_step *ret)
{
    if (s->rest.count < 2)
        return false;
    *ret =
        (struct script_step){ .kind = (uint8_t)(s->rest.at[0] % kinds), .number = s->rest.at[1] };
    s->rest = (struct bytes){ s->rest.at + 2, s->rest.count - 2 };
    if (ret->kind >= with_bytes)
        return true;
    ret->bytes =
        (struct bytes){ s->rest.at, ret->number < s->rest.count ? ret->number : s->rest.count };
    s->rest.at += ret->bytes.count;
    s->rest.count -= ret->bytes.count;
    return true;
}

/* What a side puts out is frames of messages that are whole, of the direction that is its own. */
struct script_output {
    struct demux d;
    size_t messages;
};

static inline void script_output_open(struct script_output *o, bool from_responder)
{
    static const size_t limits[DEMUX_PROTOCOLS] = { 5760, 1 << 20, 1 << 20, 1 << 20 };

    demux_init(&o->d, from_responder, limits);
    o->messages = 0;
}

static inline void script_output_take(struct script_output *o, struct bytes input)
{
    struct bytes message;
    unsigned protocol;
    const char *why = NULL;
    enum wire_result result;

    while ((result = demux_next(&o->d, &input, &protocol, &message, &why)) == WIRE_OK)
        o->messages++;
    must(result == WIRE_CUT);
}

#endif
