/* A record as a trace call leaves it, and the message it becomes:
 *
 *     RECORD(&r, OU_DNORMAL, my_point, 7, "text");
 *     render_machine(plan, &r.message, &out);
 *
 * The call writes into a ring of the test's own, so that nothing else of the library runs. */
#ifndef OU_SUPPORT_RECORD_H
#define OU_SUPPORT_RECORD_H

#include <ouroscope/message.h>

#include "support/test.h"
#include "trace/values.h"

enum { RECORD_ROOM = 1 << 18 };

struct recorded {
    _Alignas(8) char data[RECORD_ROOM];
    struct ou_ring ring;
    struct ou_value values[OU_FIELDS_MAX];
    struct ou_message message; /* thread 379 of h1, at 2026-03-22 06:24:52.123456789 */
};

#define RECORD(recorded, detail, ...) RECORD_(recorded, detail, __VA_ARGS__, 0)
#define RECORD_(recorded, detail, point_, ...)                                                  \
    do {                                                                                        \
        record_begin(recorded);                                                                 \
        ou_emit_##point_(OU_STATE_RECORD | (uint32_t)(detail) << OU_STATE_DETAIL, __VA_ARGS__); \
        record_end(recorded, &ou_point_##point_, detail);                                       \
    } while (0)

static inline void record_begin(struct recorded *r)
{
    memset(r->data, 0xa5, sizeof(r->data)); /* what the call leaves out would show */
    memset(&r->ring, 0, sizeof(r->ring));
    r->ring.data = r->data;
    r->ring.mask = RECORD_ROOM - 1;
    r->ring.limit = RECORD_ROOM;
    ou_ring_here = &r->ring;
}

static inline void record_end(struct recorded *r, const struct ou_point *point,
                              enum ou_detail detail)
{
    const struct ou_record *record = (const struct ou_record *)(const void *)r->data;

    ou_ring_here = NULL;
    assert_int_equal(record->bytes, r->ring.head);
    assert_ptr_equal(record->point, point);
    values_read(point, (const char *)(record + 1), record->bytes - sizeof(*record), r->values);
    r->message = (struct ou_message){
        .point = point,
        .at_ns = INT64_C(1774160692123456789),
        .thread = 379,
        .detail = detail,
        .values = r->values,
        .host = "h1",
    };
}

#endif
