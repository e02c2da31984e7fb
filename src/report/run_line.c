#include "report/run_line.h"

#include <inttypes.h>
#include <string.h>

const char *run_title(const struct analysis *a)
{
    if (a->context && a->context->tag)
        return a->context->tag;
    if (a->context && a->context->ident)
        return a->context->ident;
    return *a->genesis.name ? a->genesis.name : "logs of a private network";
}

static bool set_is_new(const struct analysis *a, size_t i)
{
    for (size_t before = 0; before < i; before++) {
        if (strcmp(a->filters[before].set, a->filters[i].set) == 0)
            return false;
    }
    return true;
}

static void filter_names(const struct analysis *a, struct buffer *out)
{
    if (a->filter_count == 0)
        buffer_text(out, "unfiltered");
    for (size_t i = 0; i < a->filter_count; i++) {
        if (set_is_new(a, i))
            buffer_printf(out, "%s%s", i > 0 ? ", " : "filters: ", a->filters[i].set);
    }
}

/* "raw(16-64000, 63984 total)". */
static void one_range(struct buffer *out, const char *name, const int64_t range[2], int64_t count)
{
    if (range[0] < 0)
        buffer_printf(out, " %s(none)", name);
    else
        buffer_printf(out, " %s(%" PRId64 "-%" PRId64 ", %" PRId64 " total)", name, range[0],
                      range[1], count);
}

static int64_t range_length(const int64_t range[2])
{
    return range[0] < 0 ? 0 : range[1] - range[0];
}

static void ranges(struct buffer *out, const char *what, const int64_t raw[2], int64_t raw_count,
                   const int64_t filtered[2], int64_t filtered_count)
{
    buffer_printf(out, ", %s range:", what);
    one_range(out, "raw", raw, raw_count);
    one_range(out, "filtered", filtered, filtered_count);
    if (raw_count > 0) { /* cut to two decimals, as such lines always had it */
        int64_t percent = filtered_count * 100 / raw_count;

        buffer_printf(out, ", filtered %" PRId64 ".%02" PRId64, percent / 100, percent % 100);
    }
}

void run_filters_and_ranges(const struct analysis *a, struct buffer *out)
{
    filter_names(a, out);
    ranges(out, "slot", a->slots_raw, range_length(a->slots_raw), a->slots_filtered,
           range_length(a->slots_filtered));
    ranges(out, "block", a->blocks_raw, (int64_t)a->chained_count, a->blocks_filtered,
           (int64_t)a->accepted_count);
}
