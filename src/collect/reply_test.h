/* Replies with trace objects for tests of the sinks, encoded as a forwarder encodes them. */
#ifndef OU_COLLECT_REPLY_TEST_H
#define OU_COLLECT_REPLY_TEST_H

#include <stdio.h>

#include "support/test.h"
#include "wire/trace_forward.h"

struct test_reply {
    struct buffer bytes;
    struct trace_reply reply; /* views of bytes */
};

/* An object of 2026: its line tells its number. */
static inline struct trace_object numbered_object(uint64_t number, char line[256])
{
    const int len =
        snprintf(line, 256,
                 "{\"at\":\"2026-03-22T06:24:52.123456789Z\",\"ns\":\"Test.Number\","
                 "\"data\":{\"number\":%ju},\"sev\":\"Info\",\"thread\":\"9\",\"host\":\"h1\"}",
                 (uintmax_t)number);

    return (struct trace_object){
        .machine_kind = MACHINE_LINE,
        .machine = { line, (size_t)len },
        .name = { { "Test.Number", 11 } },
        .name_count = 1,
        .severity = 1,
        .detail = 1,
        .seconds = 1774160692,
        .picoseconds = UINT64_C(123456789000),
        .host = { "h1", 2 },
        .thread = { "9", 1 },
    };
}

static inline void reply_begin(struct test_reply *r, size_t count)
{
    buffer_init(&r->bytes, allocator_libc(), (size_t)64 << 20);
    trace_reply_open(&r->bytes, count);
}

static inline struct trace_reply reply_end(struct test_reply *r, size_t count)
{
    struct trace_forward_message message;
    const char *why = NULL;

    trace_reply_close(&r->bytes, count);
    assert_int_equal(buffer_status(&r->bytes), OU_OK);
    assert_int_equal(trace_forward_read(bytes_of(&r->bytes), &message, &why), WIRE_OK);
    assert_int_equal(message.key, TRACE_FORWARD_REPLY);
    r->reply = message.reply;
    return r->reply;
}

/* The numbered objects from `first` on. */
static inline struct trace_reply reply_numbers(struct test_reply *r, uint64_t first, size_t count)
{
    char line[256];

    reply_begin(r, count);
    for (size_t i = 0; i < count; i++) {
        const struct trace_object o = numbered_object(first + i, line);

        trace_object_write(&r->bytes, &o);
    }
    return reply_end(r, count);
}

static inline struct trace_reply reply_of(struct test_reply *r, const struct trace_object *o)
{
    reply_begin(r, 1);
    trace_object_write(&r->bytes, o);
    return reply_end(r, 1);
}

static inline void reply_release(struct test_reply *r)
{
    buffer_release(&r->bytes);
}

#endif
