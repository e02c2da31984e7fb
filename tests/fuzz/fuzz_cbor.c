/* Any bytes as CBOR. Two readers, the cursor that takes items one by one and the scan that only
 * looks for the end, agree whether there is an item and where it ends; the scan also when the bytes
 * come in pieces. */
#include <stdint.h>
#include <stdlib.h>

#include "wire/cbor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void walk(struct cbor *c, unsigned depth);

/* Another level, unless there is nothing in it. */
static void walk_run(struct cbor *c, struct cbor_run run, bool map, unsigned depth)
{
    if (!run.indefinite && run.left > (UINT64_MAX - 3) / (map ? 2 : 1))
        cbor_refuse(c, "too long");
    if (depth == CBOR_DEPTH && (run.indefinite || run.left > 0))
        cbor_refuse(c, "too deep");
    while (cbor_more(c, &run)) {
        walk(c, depth + 1);
        if (map)
            walk(c, depth + 1);
    }
}

/* A string in pieces, each of them of the kind of the whole. */
static void walk_pieces(struct cbor *c)
{
    uint8_t major = *c->at++ >> 5;

    while (cbor_ok(c) && c->at < c->end && *c->at != 0xff) {
        if (*c->at >> 5 == major && (*c->at & 31) == 31)
            cbor_refuse(c, "pieces within pieces");
        else if (major == 2)
            (void)cbor_bytes(c);
        else
            (void)cbor_text(c);
    }
    if (cbor_ok(c) && c->at == c->end)
        (void)cbor_uint(c); /* cut off */
    else if (cbor_ok(c))
        c->at++;
}

/* Floats and simple values: the first byte says how many follow. */
static void walk_simple(struct cbor *c)
{
    uint8_t info = *c->at & 31;
    size_t length = info < 24 ? 1 : 1 + ((size_t)1 << (info - 24U) % 8);

    if (info > 27 || (info == 24 && c->end - c->at >= 2 && c->at[1] < 32))
        cbor_refuse(c, "no such value");
    else if ((size_t)(c->end - c->at) < length) {
        c->at = c->end;
        (void)cbor_uint(c); /* cut off */
    } else {
        c->at += length;
    }
}

static void walk(struct cbor *c, unsigned depth)
{
    struct cbor_run run;

    if (!cbor_ok(c) || c->at == c->end) {
        (void)cbor_uint(c);
        return;
    }
    switch (*c->at >> 5) {
    case 0: (void)cbor_uint(c); break;
    case 2:
    case 3:
        if ((*c->at & 31) == 31)
            walk_pieces(c);
        else if (*c->at >> 5 == 2)
            (void)cbor_bytes(c);
        else
            (void)cbor_text(c);
        break;
    case 4:
        run = cbor_list(c);
        walk_run(c, run, false, depth);
        break;
    case 5:
        run = cbor_map(c);
        walk_run(c, run, true, depth);
        break;
    case 6:
        (void)cbor_tag(c);
        if (depth == CBOR_DEPTH)
            cbor_refuse(c, "too deep");
        walk(c, depth + 1);
        break;
    case 7: walk_simple(c); break;
    default: (void)cbor_skip(c); /* negative numbers have no taker */
    }
}

/* The scan, with the bytes in pieces of `step`. */
static enum wire_result scan(const uint8_t *data, size_t size, size_t step, size_t *ret_used)
{
    struct cbor_scan s = { 0 };
    enum wire_result result = WIRE_CUT;
    const char *why = NULL;
    size_t used = 0;

    *ret_used = 0;
    for (size_t at = 0; at < size && result == WIRE_CUT; at += step, *ret_used += used)
        result = cbor_scan(&s, (struct bytes){ data + at, size - at < step ? size - at : step },
                           &used, &why);
    check(size == 0 || (result == WIRE_OK) == (why == NULL) || step < size);
    return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const size_t steps[] = { 1, 2, 3, 7 };
    struct cbor c = cbor_open((struct bytes){ data, size });
    size_t used, again;
    enum wire_result result = scan(data, size, size ? size : 1, &used);

    walk(&c, 0);
    check(c.result == result);
    check(result != WIRE_OK || (size_t)(c.at - data) == used);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        check(scan(data, size, steps[i], &again) == result);
        check(result != WIRE_OK || again == used);
    }
    return 0;
}
