#include "http/retry.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/hash_seed.h"
#include "base/interrupt.h"
#include "base/random.h"
#include "base/time.h"

#define SLICE_S 0.1 /* how late a Ctrl-C that another thread got is noticed at most */
#define WHY_ROOM HTTP_CAUSE_ROOM

const struct retry_policy RETRY_USUAL = { .tries = 6, .first_s = 0.5, .most_s = 8, .all_s = 60 };
const struct retry_policy RETRY_PATIENT = {
    .tries = 1000, .first_s = 0.5, .most_s = 15, .all_s = 600
};

struct retry retry_begin(const struct retry_policy *policy)
{
    return (struct retry){ .policy = policy, .begun_ns = time_monotonic_ns() };
}

bool retry_may_pass(enum ou_status status, const struct http_reply *reply)
{
    if (status == OU_IO)
        return !reply->hopeless;
    if (status)
        return false;
    switch (reply->status) {
    case 408: /* Request Timeout */
    case 425: /* Too Early */
    case 429: /* Too Many Requests */
    case 500:
    case 502:
    case 503:
    case 504: return true;
    default: return false;
    }
}

/* "503 Slow Down" out of "HTTP/1.1 503 Slow Down"; the cause where there was no reply. A server's words may go to a terminal:
 * they are ASCII, and print. */
static void why(enum ou_status status, const struct http_reply *reply, char ret[WHY_ROOM])
{
    const char *line = buffer_string(&reply->headers);
    const char *blank = strchr(line, ' ');

    if (status)
        snprintf(ret, WHY_ROOM, "%s", reply->cause);
    else if (blank && strncmp(line, "HTTP/", 5) == 0)
        snprintf(ret, WHY_ROOM, "%.*s", (int)strcspn(blank + 1, "\r\n"), blank + 1);
    else
        snprintf(ret, WHY_ROOM, "%d", reply->status);
    for (; *ret; ret++)
        if (*ret < ' ' || *ret > '~')
            *ret = '?';
}

/* Seconds of Retry-After; -1: none, or a date, which none of our servers sends. */
static double retry_after_s(const struct http_reply *reply)
{
    struct span value = http_reply_header(reply, "Retry-After");
    double s = 0;

    if (value.len == 0 || value.len > 6)
        return -1;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return -1;
        s = 10 * s + (value.at[i] - '0');
    }
    return s;
}

/* Half to all of the wait that is due. */
static double with_jitter(const struct retry *retry, double wait_s)
{
    struct random_stream random;

    random_stream_init(&random, hash_seed(), (uint64_t)time_monotonic_ns() + retry->tries);
    return wait_s * (0.5 + 0.5 * random_uniform(&random));
}

static double next_wait_s(const struct retry *retry, const struct http_reply *reply)
{
    const struct retry_policy *policy = retry->policy;
    double wait_s = policy->first_s, asked_s = retry_after_s(reply);

    for (unsigned i = 1; i < retry->tries && wait_s < policy->most_s; i++)
        wait_s *= 2;
    if (wait_s > policy->most_s)
        wait_s = policy->most_s;
    wait_s = with_jitter(retry, wait_s);
    if (asked_s > wait_s)
        wait_s = asked_s < policy->most_s ? asked_s : policy->most_s;
    return wait_s;
}

static bool is_interrupted(const struct retry *retry)
{
    return retry->client ? http_client_cancelled(retry->client) : interrupt_pending();
}

/* False when it was interrupted. */
static bool wait_for(const struct retry *retry, double wait_s)
{
    int64_t until_ns = time_monotonic_ns() + (int64_t)(wait_s * 1e9);

    while (!is_interrupted(retry)) {
        double left_s = (double)(until_ns - time_monotonic_ns()) / 1e9;
        struct timespec slice;

        if (left_s <= 0)
            return true;
        if (left_s > SLICE_S)
            left_s = SLICE_S;
        slice = (struct timespec){ .tv_nsec = (long)(left_s * 1e9) };
        nanosleep(&slice, NULL);
    }
    return false;
}

bool retry_again(struct retry *retry, enum ou_status status, struct http_reply *reply)
{
    const struct retry_policy *policy = retry->policy;
    double wait_s, gone_s = (double)(time_monotonic_ns() - retry->begun_ns) / 1e9;
    char text[WHY_ROOM];

    retry->tries++;
    if (!retry_may_pass(status, reply) || retry->tries >= policy->tries)
        return false;
    wait_s = next_wait_s(retry, reply);
    if (policy->all_s > 0 && gone_s + wait_s > policy->all_s)
        return false;
    if (retry->say) {
        why(status, reply, text);
        retry->say(retry->context, text, wait_s);
    }
    if (!wait_for(retry, wait_s))
        return false;
    http_reply_release(reply);
    *reply = (struct http_reply){ 0 };
    return true;
}
