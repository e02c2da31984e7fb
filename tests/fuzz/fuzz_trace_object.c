/* Any bytes as one trace object. What is read and written again reads the same, so that it is
 * written the same; each part of it that lacks its end asks for more; what it says of itself is
 * sound. */
#include <stdint.h>

#include "base/utf8.h"
#include "wire/forward_reader_test.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_parts(const struct trace_object *o)
{
    struct buffer name;
    uint64_t letters = 0;

    reader_must(o->severity < TRACE_SEVERITIES && o->detail < TRACE_DETAILS);
    reader_must(o->picoseconds < UINT64_C(1000000000000) && trace_object_ns(o) >= 0);
    reader_must(utf8_is_valid(o->human) && utf8_is_valid(o->machine) && utf8_is_valid(o->host));
    reader_must(trace_object_thread(o).len <= o->thread.len);
    reader_must(o->name_count <= TRACE_NAME_PARTS_MAX);
    buffer_init(&name, allocator_libc(), SIZE_MAX);
    trace_object_name(o, &name);
    for (size_t i = 0; i < o->name_count; i++)
        letters += o->name[i].len;
    reader_must(name.len == letters + (o->name_count ? o->name_count - 1 : 0));
    buffer_release(&name);
}

static void check_prefixes(struct bytes whole)
{
    /* All of a short one; of a long one those that end near its ends. */
    for (size_t cut = 0; cut < whole.count; cut += cut < 64 || whole.count - cut < 64 ? 1 : 61) {
        struct cbor c = cbor_open((struct bytes){ whole.at, cut });
        struct trace_object o;

        trace_object_read(&c, &o);
        reader_must(c.result == WIRE_CUT);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cbor c = cbor_open((struct bytes){ data, size });
    struct buffer once, twice;
    struct trace_object o;
    const char *why = NULL;

    trace_object_read(&c, &o);
    reader_must(cbor_ok(&c) == (c.why == NULL));
    if (!cbor_ok(&c))
        return 0;
    check_parts(&o);
    check_prefixes((struct bytes){ data, (size_t)(c.at - data) });
    buffer_init(&once, allocator_libc(), SIZE_MAX);
    buffer_init(&twice, allocator_libc(), SIZE_MAX);
    trace_object_write(&once, &o);
    reader_must(read_object(bytes_of(&once), &twice, &why) == WIRE_OK);
    reader_must(bytes_equal(bytes_of(&once), bytes_of(&twice)));
    buffer_release(&once);
    buffer_release(&twice);
    return 0;
}
