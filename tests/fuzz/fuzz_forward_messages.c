/* Any bytes as a message of forwarding; the first byte chooses the protocol. What is read and
 * written again reads the same, so that it is written the same; each part of it that lacks its
 * end asks for more. */
#include <stdint.h>

#include "wire/forward_reader_test.h"

#define PREFIXES_OF_MAX 256 /* longer messages are not cut at each byte */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both ends of the handshake make the same of a message as its reader. */
static enum wire_result shake(struct bytes message, struct buffer *again, const char **ret_why)
{
    enum { MAGIC = 42 };
    enum wire_result result = read_handshake(message, again, ret_why);
    struct handshake_message m;
    struct buffer answer;
    struct ou_error err = { 0 };
    const char *why = NULL;
    bool agreed = false;

    buffer_init(&answer, allocator_libc(), FORWARD_HANDSHAKE_BYTES_MAX);
    if (forward_answer(message, MAGIC, &answer, &agreed, &err) == WIRE_OK) {
        reader_must(result == WIRE_OK && buffer_status(&answer) == OU_OK);
        reader_must(handshake_read(bytes_of(&answer), &m, &why) == WIRE_OK);
        reader_must(agreed == (m.key == HANDSHAKE_ACCEPT));
        reader_must(agreed || err.text[0]);
    } else {
        reader_must(answer.len == 0 && err.text[0]);
    }
    reader_must(forward_accepted(message, MAGIC, &agreed, &err) == result);
    buffer_release(&answer);
    return result;
}

static void check_prefixes(forward_reader *read, struct bytes whole)
{
    struct buffer ignored;
    const char *why = NULL;

    buffer_init(&ignored, allocator_libc(), SIZE_MAX);
    for (size_t cut = 0; whole.count <= PREFIXES_OF_MAX && cut < whole.count; cut++) {
        buffer_clear(&ignored);
        reader_must(read((struct bytes){ whole.at, cut }, &ignored, &why) == WIRE_CUT);
    }
    buffer_release(&ignored);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static forward_reader *const readers[] = { shake, read_ekg, read_trace_forward,
                                               read_data_point };
    struct buffer once, twice;
    const char *why = NULL;
    struct bytes message = { data + 1, size - 1 };
    forward_reader *read;

    if (size == 0)
        return 0;
    read = readers[data[0] % (sizeof readers / sizeof *readers)];
    buffer_init(&once, allocator_libc(), SIZE_MAX);
    buffer_init(&twice, allocator_libc(), SIZE_MAX);
    if (read(message, &once, &why) == WIRE_OK) {
        check_prefixes(read, message);
        reader_must(read(bytes_of(&once), &twice, &why) == WIRE_OK);
        reader_must(bytes_equal(bytes_of(&once), bytes_of(&twice)));
    } else {
        reader_must(why != NULL);
    }
    buffer_release(&once);
    buffer_release(&twice);
    return 0;
}
