/* Any bytes as a chain filter. Reading them twice gives the same conditions and
 * the same answers; what is refused leaves the set empty and says why. */
#include <stdint.h>
#include <stdlib.h>

#include "analyse/filter.h"

static void check(int holds)
{
    if (!holds)
        abort();
}

static void compare(const struct filter_set *set, const struct filter_condition *a,
                    const struct filter_condition *b)
{
    struct filter_block block = { .slot = 700,
                                  .epoch = 1,
                                  .slot_in_epoch = 100,
                                  .safe_interval = 1,
                                  .size_bytes = 60000,
                                  .chain_delta = 1,
                                  .adoptions = 3,
                                  .any_nonnegative = true };
    struct filter_slot slot = { 700, 1, 100, 1, 1 };
    enum filter_answer answer = filter_block(set, a, &block);

    check(span_equal(a->name, b->name) && a->any_count == b->any_count);
    check(answer == FILTER_YES || answer == FILTER_NO);
    check(answer == filter_block(set, b, &block));
    check(filter_slot(set, a, &slot) == filter_slot(set, b, &slot));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct filter_set set;
    struct span text = { (const char *)data, size };
    struct ou_error err = { { 0 } };
    enum ou_status status;
    size_t n;

    filter_set_init(&set, 90112, false);
    status = filter_add_text(&set, text, "fuzz", &err);
    n = set.count;
    check(status ? n == 0 && err.text[0] : n <= FILTER_CONDITIONS_MAX);
    if (n > 0 && filter_add_text(&set, text, "fuzz", NULL) == OU_OK)
        for (size_t i = 0; i < n; i++)
            compare(&set, &set.conditions[i], &set.conditions[n + i]);
    filter_set_release(&set);
    return 0;
}
