/* Sums against the library's own command, `xxhsum -H2`. */
#include "logs/checksum.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "support/test.h"

#define BYTES 100003

static void one_call(const void *bytes, size_t len, char out[CHECKSUM_HEX_ROOM])
{
    XXH128_hash_t hash = XXH3_128bits(bytes, len);

    snprintf(out, CHECKSUM_HEX_ROOM, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

static void test_a_sum_does_not_depend_on_how_the_bytes_come(void **state)
{
    static const size_t steps[] = { 1, 7, 64, 255, 256, 257, 4096, BYTES };
    char *bytes = malloc(BYTES), wanted[CHECKSUM_HEX_ROOM], got[CHECKSUM_HEX_ROOM];
    struct checksum *c = checksum_new();

    (void)state;
    assert_non_null(bytes);
    assert_non_null(c);
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (char)(i * 31 + i / 251);
    one_call(bytes, BYTES, wanted);
    for (size_t s = 0; s < sizeof(steps) / sizeof(*steps); s++) {
        checksum_reset(c);
        for (size_t at = 0; at < BYTES; at += steps[s])
            checksum_add(c, bytes + at, at + steps[s] < BYTES ? steps[s] : BYTES - at);
        checksum_hex(c, got);
        assert_string_equal(got, wanted);
    }
    checksum_free(c);
    free(bytes);
}

static void test_the_sum_of_nothing_is_the_published_one(void **state)
{
    char got[CHECKSUM_HEX_ROOM];
    struct checksum *c = checksum_new();

    (void)state;
    checksum_hex(c, got);
    assert_string_equal(got, "99aa06d3014798d86001c324468d497f");
    checksum_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sum_does_not_depend_on_how_the_bytes_come),
        cmocka_unit_test(test_the_sum_of_nothing_is_the_published_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
