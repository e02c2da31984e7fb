#include "cmd/report_trace.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "cmd/analyse.h"
#include "report/trace_events.h"

#define TRACE_BYTES_MAX ((size_t)8 << 30)

/* --- Limits ------------------------------------------------------------------- */

/* A whole number up to the first character that is none of its digits; -1 when there is none. */
static int64_t leading_number(const char *text, const char **ret_rest)
{
    char *end;
    long long value;

    if (*text < '0' || *text > '9')
        return -1;
    value = strtoll(text, &end, 10);
    *ret_rest = end;
    return value == INT64_MAX ? -1 : value;
}

static enum ou_status read_slot(const char *option, const char *text, int64_t *ret,
                                struct ou_error *err)
{
    const char *rest = "";

    *ret = text ? leading_number(text, &rest) : -1;
    if (text && (*ret < 0 || *rest))
        return ou_fail(err, OU_USAGE, "%s must be the number of a slot, not '%s'", option, text);
    return OU_OK;
}

/* "17", or "17-30". */
static enum ou_status read_blocks(const char *text, struct trace_limits *ret, struct ou_error *err)
{
    const char *rest = "";

    if (!text)
        return OU_OK;
    ret->from_block = ret->to_block = leading_number(text, &rest);
    if (ret->from_block >= 0 && *rest == '-')
        ret->to_block = leading_number(rest + 1, &rest);
    if (ret->from_block < 0 || ret->to_block < ret->from_block || *rest)
        return ou_fail(err, OU_USAGE,
                       "--block must be the number of a block, or a range like 17-30, not '%s'",
                       text);
    return OU_OK;
}

static enum ou_status read_limits(const struct report_trace_request *r, struct trace_limits *ret,
                                  struct ou_error *err)
{
    enum ou_status status;

    *ret = TRACE_ALL;
    status = read_slot("--from-slot", r->from_slot, &ret->from_slot, err);
    if (!status)
        status = read_slot("--to-slot", r->to_slot, &ret->to_slot, err);
    if (!status && ret->to_slot >= 0 && ret->to_slot < ret->from_slot)
        status = ou_fail(err, OU_USAGE, "--to-slot %s lies before --from-slot %s", r->to_slot,
                         r->from_slot);
    return status ? status : read_blocks(r->block, ret, err);
}

/* --- Work --------------------------------------------------------------------- */

struct tracing {
    const struct trace_limits *limits;
    struct trace_counters counters;
    struct buffer text;
};

/* An empty trace says nothing of why it is empty. */
static enum ou_status check_blocks(const struct analysis *a, const struct trace_limits *l,
                                   struct ou_error *err)
{
    int64_t least = INT64_MAX, most = -1;

    for (size_t i = 0; l->from_block >= 0 && i < a->block_count; i++) {
        int64_t number = a->blocks[i].number;

        if (number >= l->from_block && number <= l->to_block)
            return OU_OK;
        if (number >= 0 && number < least)
            least = number;
        if (number > most)
            most = number;
    }
    if (l->from_block < 0)
        return OU_OK;
    if (most < 0)
        return ou_fail(err, OU_NOT_FOUND, "--block: the run has no block whose number is known");
    return ou_fail(err, OU_NOT_FOUND, "--block: the run's blocks go from %" PRId64 " to %" PRId64,
                   least, most);
}

static enum ou_status make_text(void *context, const struct analysis *a,
                                const struct cluster_map *map, struct ou_error *err)
{
    struct tracing *t = context;
    const struct trace_extras extras = { &t->counters, map };
    enum ou_status status = check_blocks(a, t->limits, err);

    if (status)
        return status;
    report_trace_events(a, &extras, t->limits, &t->text);
    if (buffer_status(&t->text) == OU_TOO_LARGE)
        return ou_fail(err, OU_TOO_LARGE,
                       "the trace is larger than 8 GiB; limit it with --from-slot, --to-slot or "
                       "--block");
    return OU_OK;
}

/* With --block alone, counters of other slots would only be in the way: the slots of these blocks are not known before
 * the logs are read, so they are left out altogether. */
static bool wants_counters(const struct trace_limits *l)
{
    return l->from_block < 0 || l->from_slot >= 0 || l->to_slot >= 0;
}

enum ou_status report_trace(const struct report_trace_request *request,
                            const struct document_output *output, struct ou_error *err)
{
    struct trace_limits limits;
    struct tracing t = { .limits = &limits };
    enum ou_status status = read_limits(request, &limits, err);

    if (status)
        return status;
    trace_counters_init(&t.counters, limits.from_slot, limits.to_slot);
    buffer_init(&t.text, allocator_libc(), TRACE_BYTES_MAX);
    status =
        analyse_run_logs(request->command, request->run,
                         wants_counters(&limits) ? &t.counters.sink : NULL, make_text, &t, err);
    if (!status)
        status = document_output_put(output, &t.text, err);
    buffer_release(&t.text);
    trace_counters_release(&t.counters);
    return status;
}
