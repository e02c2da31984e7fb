#include "agent/agent_courier.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent_probe.h"
#include "agent/agent_urls.h"
#include "base/time.h"
#include "storage/s3.h"
#include "storage/transfer.h"

#define NUMBERS_FILE "numbers.json" /* {"run", "host", "orders", "states"} */
/* Numbers of states are written down ahead of their use, so many at a time: an agent that is started again goes on above them. */
#define NUMBERS_AHEAD ((uint64_t)1 << 20)

#define SIGN_OF_LIFE_S 10.0 /* without anything to tell */
#define CHANGES_S 2.0       /* between states that nobody waits for */
#define BACKOFF_MOST_S 15.0
#define SAY_AGAIN_S 60.0 /* the same trouble in the log */

/* Asked over and over anyway. */
static const struct retry_policy ONCE = {
    .tries = 1, .first_s = 0.1, .most_s = 0.1, .stall_s = 10
};
/* The last word: Nomad gives a task some seconds to end. */
static const struct retry_policy LAST = {
    .tries = 8, .first_s = 0.3, .most_s = 3, .all_s = 6, .stall_s = 5
};

struct agent_courier {
    struct agent_courier_options with;
    struct http_client *client;
    pthread_t thread;
    struct agent_urls urls;
    char etag[S3_ETAG_ROOM];  /* of the orders that were looked at last */
    struct agent_state state; /* what of it does not stand on the board */
    struct agent_probe probe;
    char problem[BOARD_PROBLEM_ROOM];
    uint64_t number_most; /* of states: written down */
    double poll_s;
    /* monotonic */
    int64_t contact_ns, next_orders_ns, told_ns, next_try_ns;
    unsigned orders_failures, state_failures;
    bool untold;     /* the last state could not be told */
    int64_t said_ns; /* trouble; 0: there is none */
};

static int64_t ns_of(double seconds)
{
    return (int64_t)(seconds * (double)NS_PER_SECOND);
}

/* ---- what outlives the agent ---- */

static enum ou_status save_numbers(struct agent_courier *c, struct ou_error *err)
{
    json_t *document;
    enum ou_status status;

    c->number_most = c->state.number + NUMBERS_AHEAD;
    document =
        json_pack("{s:s, s:s, s:I, s:I}", "run", c->with.task->run, "host", c->with.task->host,
                  "orders", (json_int_t)c->state.orders, "states", (json_int_t)c->number_most);
    status = document ? agent_folder_save(c->with.folder, NUMBERS_FILE, document, err)
                      : ou_fail(err, OU_NO_MEMORY, "no memory");
    json_decref(document);
    return status;
}

static bool is_text(const json_t *document, const char *name, const char *text)
{
    const char *value = json_string_value(json_object_get(document, name));

    return value && strcmp(value, text) == 0;
}

static enum ou_status load_numbers(struct agent_courier *c, struct ou_error *err)
{
    json_t *document = NULL;
    enum ou_status status = agent_folder_load(c->with.folder, NUMBERS_FILE, &document, err);

    if (!status && document &&
        (!is_text(document, "run", c->with.task->run) ||
         !is_text(document, "host", c->with.task->host)))
        status = ou_fail(err, OU_INVALID, "%s is the folder of another run, or of another host",
                         c->with.folder->own);
    if (!status && document) {
        c->state.orders = (uint64_t)json_integer_value(json_object_get(document, "orders"));
        c->state.number = (uint64_t)json_integer_value(json_object_get(document, "states"));
    }
    json_decref(document);
    return status ? status : save_numbers(c, err);
}

/* ---- trouble ---- */

/* Waits grow with failures, so that a bucket that is overloaded is asked less. */
static double backoff(const struct agent_courier *c, unsigned failures)
{
    return fmin(c->poll_s * (double)(1u << (failures < 6 ? failures : 6)),
                fmax(BACKOFF_MOST_S, c->poll_s));
}

/* A line when it begins, and one a minute. */
static void say_trouble(struct agent_courier *c, const char *text)
{
    int64_t now = time_monotonic_ns();

    if (c->said_ns && now - c->said_ns < ns_of(SAY_AGAIN_S))
        return;
    agent_say(c->with.voice, "%s", text);
    c->said_ns = now;
}

/* Told in the state until orders are fine again. */
static void set_problem(struct agent_courier *c, const char *text)
{
    if (strcmp(c->problem, text) == 0)
        return;
    snprintf(c->problem, sizeof c->problem, "%s", text);
    c->untold = true;
    if (*text)
        agent_say(c->with.voice, "%s", text);
}

/* ---- orders ---- */

static enum ou_status check_orders(const struct agent_courier *c, const struct orders *o,
                                   struct ou_error *err)
{
    if (strcmp(o->run, c->with.task->run) != 0)
        return ou_fail(err, OU_INVALID, "orders are refused: they are those of another run");
    if (strcmp(o->host, c->with.task->host) != 0)
        return ou_fail(err, OU_INVALID, "orders are refused: they are those of another host, %s",
                       o->host);
    if (o->number < c->state.orders)
        return ou_fail(err, OU_INVALID,
                       "orders are refused: their number is %llu, and %llu was seen already",
                       (unsigned long long)o->number, (unsigned long long)c->state.orders);
    return OU_OK;
}

/* Nomad may have made this task in place of the one that they are for: what that one had to do is not to be done twice. */
static bool is_ours(const struct agent_courier *c, const struct orders *o)
{
    return !*o->allocation || strcmp(o->allocation, c->state.allocation) == 0;
}

static void empty(struct orders *o)
{
    o->bundle_count = o->service_count = o->job_count = 0;
}

static void take_urls(struct agent_courier *c, const struct orders *o)
{
    struct ou_error err;

    if (agent_urls_renew(&c->urls, o->orders_url, o->state_url, &err))
        agent_say(c->with.voice, "%s", err.text);
}

static struct orders *read_one(const json_t *document, struct ou_error *err)
{
    struct orders *orders = calloc(1, sizeof *orders);

    if (!orders) {
        ou_fail(err, OU_NO_MEMORY, "no memory for orders");
        return NULL;
    }
    if (orders_read(document, orders, err)) {
        free(orders);
        return NULL;
    }
    return orders;
}

/* One reading for each of the other threads. */
static bool hand_over(struct agent_courier *c, const json_t *document, struct ou_error *err)
{
    struct orders *for_loop = read_one(document, err);
    struct orders *for_carrier = for_loop ? read_one(document, err) : NULL;

    if (!for_carrier || check_orders(c, for_carrier, err)) {
        agent_board_free_orders(for_loop);
        agent_board_free_orders(for_carrier);
        return false;
    }
    if (!is_ours(c, for_loop)) {
        say_trouble(c, "the orders are for an earlier task of this host: this one only waits");
        empty(for_loop);
        empty(for_carrier);
    }
    take_urls(c, for_carrier);
    if (for_carrier->poll_s > 0)
        c->poll_s = for_carrier->poll_s;
    c->state.orders = for_carrier->number;
    agent_board_put_orders(c->with.board, for_loop, for_carrier);
    return true;
}

static void take_orders(struct agent_courier *c, const struct buffer *text)
{
    struct ou_error err = { "" };
    json_t *document = NULL;
    bool fine = !envelope_open(ENVELOPE_ORDERS, (struct span){ text->at, text->len },
                               c->with.task->orders_key, &document, &err) &&
                hand_over(c, document, &err);

    json_decref(document);
    if (fine && save_numbers(c, &err))
        agent_say(c->with.voice, "%s", err.text);
    set_problem(c, fine ? "" : err.text);
}

static void look_for_orders(struct agent_courier *c)
{
    struct buffer text;
    struct ou_error err;
    int64_t asked_ns = time_wall_ns(), server_ns = TIME_NONE;
    bool changed = false;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), ENVELOPE_BYTES_MAX);
    status = transfer_get_small(c->client, &ONCE, c->urls.orders, c->etag, &text, &changed, c->etag,
                                &server_ns, &err);
    agent_clock_seen(&c->probe.clock, asked_ns, time_wall_ns(), server_ns);
    if (status) {
        c->orders_failures++;
        say_trouble(c, err.text);
    } else {
        c->orders_failures = 0;
        c->contact_ns = time_monotonic_ns();
        if (changed)
            take_orders(c, &text);
    }
    c->next_orders_ns = time_monotonic_ns() + ns_of(backoff(c, c->orders_failures));
    buffer_release(&text);
}

/* ---- the state ---- */

static enum ou_status seal_state(struct agent_courier *c, struct buffer *ret, struct ou_error *err)
{
    json_t *document;
    enum ou_status status = OU_OK;

    if (++c->state.number >= c->number_most)
        status = save_numbers(c, err);
    if (status)
        return status;
    c->state.at_ns = time_wall_ns();
    c->state.free_bytes = agent_folder_free_bytes(c->with.folder);
    c->state.problem = c->problem;
    agent_clock_tell(&c->probe.clock, &c->state.clock_ahead_s, &c->state.clock_doubt_s);
    document = agent_board_document(c->with.board, &c->state);
    if (!document)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the state");
    status = envelope_seal(ENVELOPE_STATE, document, c->with.task->state_secret, ret, err);
    json_decref(document);
    return status;
}

static void tell_state(struct agent_courier *c, const struct retry_policy *policy)
{
    struct buffer text;
    struct ou_error err;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), ENVELOPE_BYTES_MAX);
    status = seal_state(c, &text, &err);
    if (!status)
        status = transfer_put(c->client, policy, c->urls.state, (struct span){ text.at, text.len },
                              &err);
    buffer_release(&text);
    c->untold = status != OU_OK;
    c->state_failures = status ? c->state_failures + 1 : 0;
    c->told_ns = time_monotonic_ns();
    c->next_try_ns = c->told_ns + (status ? ns_of(backoff(c, c->state_failures)) : 0);
    if (status)
        say_trouble(c, err.text);
    else if (c->orders_failures == 0)
        c->said_ns = 0;
}

/* When the next one is to be told, as things stand. */
static int64_t state_due_ns(const struct agent_courier *c)
{
    bool urgent = false, changed = agent_board_has_changed(c->with.board, &urgent);

    if (c->untold || urgent)
        return c->next_try_ns;
    return c->told_ns + ns_of(changed ? fmax(CHANGES_S, c->poll_s) : SIGN_OF_LIFE_S);
}

/* ---- the thread ---- */

static void measure(struct agent_courier *c)
{
    struct ou_error err;
    enum ou_status status =
        agent_probe_measure(c->client, c->with.task->probe_url, &c->probe, &err);

    c->state.round_trip_s = c->probe.round_trip_s;
    c->state.bytes_per_s = c->probe.bytes_per_s;
    if (status)
        agent_say(c->with.voice, "the way to the bucket could not be measured: %s", err.text);
    else
        agent_say(c->with.voice, "the bucket answers in %.3f s and sends %.1f MB/s",
                  c->probe.round_trip_s, c->probe.bytes_per_s / 1e6);
}

static void watch_contact(struct agent_courier *c)
{
    double silent_s = (double)(time_monotonic_ns() - c->contact_ns) / (double)NS_PER_SECOND;

    if (silent_s < c->with.lost_after_s || agent_board_is_lost(c->with.board))
        return;
    agent_say(c->with.voice, "no orders could be fetched for %.0f s: the agent ends", silent_s);
    agent_board_lost(c->with.board);
}

static void go_round(struct agent_courier *c)
{
    int64_t now, due;

    if (time_monotonic_ns() >= c->next_orders_ns)
        look_for_orders(c);
    if (time_monotonic_ns() >= state_due_ns(c))
        tell_state(c, &ONCE);
    watch_contact(c);
    now = time_monotonic_ns();
    due = state_due_ns(c);
    if (c->next_orders_ns < due)
        due = c->next_orders_ns;
    if (due > now)
        agent_board_wait(c->with.board, due);
}

static void *run(void *context)
{
    struct agent_courier *c = context;

    measure(c);
    http_client_clean_up(c->client, true); /* the last word is said, whatever else is broken off */
    c->contact_ns = time_monotonic_ns();
    c->untold = true;
    while (!agent_board_is_ended(c->with.board))
        go_round(c);
    tell_state(c, &LAST);
    agent_board_over(c->with.board);
    return NULL;
}

/* ---- all of it ---- */

static void look_at_machine(struct agent_courier *c)
{
    const char *allocation = getenv("NOMAD_ALLOC_ID");
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    c->state.run = c->with.task->run;
    c->state.host = c->with.task->host;
    c->state.node = c->with.task->node;
    c->state.allocation = allocation ? allocation : "";
    c->state.begun_ns = time_wall_ns();
    c->state.directory = c->with.folder->run;
    c->state.program = c->with.program;
    c->state.version = OUROSCOPE_VERSION;
    c->state.processors = processors > 0 ? (uint32_t)processors : 0;
    c->state.memory_bytes =
        pages > 0 && page_bytes > 0 ? (uint64_t)pages * (uint64_t)page_bytes : 0;
    c->state.round_trip_s = c->state.bytes_per_s = NAN;
}

static void release(struct agent_courier *c)
{
    http_client_close(c->client);
    agent_urls_release(&c->urls);
    free(c);
}

static enum ou_status prepare(struct agent_courier *c, struct ou_error *err)
{
    const struct http_identity identity = { .ca_file = c->with.task->ca_file };
    enum ou_status status;

    c->poll_s = c->with.task->poll_s;
    look_at_machine(c);
    status = agent_urls_begin(&c->urls, c->with.task, c->with.task_file, err);
    if (!status)
        status = load_numbers(c, err);
    return status ? status : http_client_open(&identity, &c->client, err);
}

enum ou_status agent_courier_start(const struct agent_courier_options *options,
                                   struct agent_courier **ret, struct ou_error *err)
{
    struct agent_courier *c = calloc(1, sizeof *c);
    enum ou_status status;

    if (!c)
        return ou_fail(err, OU_NO_MEMORY, "no memory for the courier");
    c->with = *options;
    status = prepare(c, err);
    if (!status && pthread_create(&c->thread, NULL, run, c) != 0)
        status = ou_fail(err, OU_IO, "no thread for the courier");
    if (status)
        release(c);
    else
        *ret = c;
    return status;
}

void agent_courier_join(struct agent_courier *c)
{
    if (!c)
        return;
    pthread_join(c->thread, NULL);
    release(c);
}
