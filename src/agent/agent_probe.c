#include "agent/agent_probe.h"

#include <math.h>

#include "base/time.h"
#include "http/retry.h"

#define ROUND_TRIPS 4 /* the first of which makes the connection */
#define DATE_S 1.0    /* what Date is cut to */
#define STALL_S 10.0

/* A connection begins slowly: the rate is that of what comes behind the first quarter of the probe. */
struct flow {
    uint64_t bytes, counted_from;
    int64_t from_ns, to_ns; /* monotonic; 0: not yet */
};
#define COUNTED_FROM ((uint64_t)256 << 10)

static double seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_SECOND;
}

void agent_clock_seen(struct agent_clock *clock, int64_t asked_ns, int64_t answered_ns,
                      int64_t server_ns)
{
    double low, high;

    if (server_ns == TIME_NONE)
        return;
    low = seconds(asked_ns - server_ns) - DATE_S;
    high = seconds(answered_ns - server_ns);
    if (clock->known && low <= clock->high_s && high >= clock->low_s) {
        low = fmax(low, clock->low_s);
        high = fmin(high, clock->high_s);
    }
    *clock = (struct agent_clock){ true, low, high };
}

void agent_clock_tell(const struct agent_clock *clock, double *ret_ahead_s, double *ret_doubt_s)
{
    *ret_ahead_s = clock->known ? (clock->low_s + clock->high_s) / 2 : NAN;
    *ret_doubt_s = clock->known ? (clock->high_s - clock->low_s) / 2 : NAN;
}

static bool count(void *context, struct span bytes)
{
    struct flow *flow = context;

    flow->bytes += bytes.len;
    flow->to_ns = time_monotonic_ns();
    if (flow->from_ns == 0 && flow->bytes >= COUNTED_FROM) {
        flow->from_ns = flow->to_ns;
        flow->counted_from = flow->bytes;
    }
    return true;
}

static double rate_of(const struct flow *flow, double all_s)
{
    const double counted_s = seconds(flow->to_ns - flow->from_ns);

    if (flow->from_ns && flow->bytes > flow->counted_from && counted_s > 0)
        return (double)(flow->bytes - flow->counted_from) / counted_s;
    return all_s > 0 ? (double)flow->bytes / all_s : NAN;
}

static enum ou_status fail(const char *url, const struct http_reply *reply, struct ou_error *err)
{
    char shown[256];

    http_url_shown(url, shown, sizeof shown);
    return ou_fail(err, OU_IO, "GET %s: %d", shown, reply->status);
}

/* Asks until there is an answer, or hope is gone; *ret is to be released. */
static enum ou_status ask(struct http_client *client, const struct http_request *request,
                          struct agent_probe *probe, struct http_reply *ret, struct ou_error *err)
{
    struct retry retry = retry_begin(&RETRY_USUAL);
    enum ou_status status;
    int64_t asked_ns;

    retry.client = client;
    do {
        asked_ns = time_wall_ns();
        status = http_ask(client, request, ret, err);
    } while (retry_again(&retry, status, ret));
    if (status)
        return status;
    /* The head of the answer was made while we waited for its first byte. */
    agent_clock_seen(&probe->clock, asked_ns,
                     asked_ns + (int64_t)(ret->first_byte_s * (double)NS_PER_SECOND),
                     http_reply_date_ns(ret));
    return ret->status / 100 == 2 ? OU_OK : fail(request->url, ret, err);
}

static enum ou_status measure_round_trip(struct http_client *client, const char *url,
                                         struct agent_probe *ret, struct ou_error *err)
{
    static const char *const headers[] = { "Range: bytes=0-0", NULL };
    const struct http_request request = {
        .method = "GET", .url = url, .headers = headers, .stall_s = STALL_S
    };
    enum ou_status status = OU_OK;

    for (int i = 0; !status && i < ROUND_TRIPS; i++) {
        struct http_reply reply = { 0 };

        status = ask(client, &request, ret, &reply, err);
        if (!status)
            ret->round_trip_s = fmin(ret->round_trip_s, reply.seconds); /* of a NAN, the other */
        http_reply_release(&reply);
    }
    return status;
}

static enum ou_status measure_rate(struct http_client *client, const char *url,
                                   struct agent_probe *ret, struct ou_error *err)
{
    struct flow flow = { 0 };
    const struct http_request request = {
        .method = "GET", .url = url, .take = count, .context = &flow, .stall_s = STALL_S
    };
    struct http_reply reply = { 0 };
    enum ou_status status = ask(client, &request, ret, &reply, err);

    if (!status)
        ret->bytes_per_s = rate_of(&flow, reply.seconds);
    http_reply_release(&reply);
    return status;
}

enum ou_status agent_probe_measure(struct http_client *client, const char *url,
                                   struct agent_probe *ret, struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct agent_probe){ .round_trip_s = NAN, .bytes_per_s = NAN };
    status = measure_round_trip(client, url, ret, err);
    return status ? status : measure_rate(client, url, ret, err);
}
