#include "cmd/publisher.h"

#include <assert.h>
#include <poll.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "cmd/say.h"
#include "publish/takein.h"

const char *publisher_outcome(enum put_outcome outcome)
{
    switch (outcome) {
    case PUT_CREATED: return "published";
    case PUT_SAME: return "already there";
    case PUT_REPLACED: return "replaced";
    default: return "conflict";
    }
}

/* --- The place -------------------------------------------------------------------------------- */

static enum ou_status open_server(struct publisher *p, struct ou_error *err)
{
    const struct http_identity identity = { .ca_file = p->options.ca_file };
    enum ou_status status = place_token(p->options.token_file, p->token, err);

    if (!status)
        status = http_client_ready(err);
    return status ? status : http_client_open(&identity, &p->client, err);
}

enum ou_status publisher_open(struct publisher *p, const struct publisher_options *options,
                              struct ou_error *err)
{
    *p = (struct publisher){ .options = *options, .place = place_or_default(options->place) };
    return place_is_server(p->place) ? open_server(p, err) : place_open(p->place, &p->db, err);
}

void publisher_close(struct publisher *p)
{
    sql_close(p->db);
    http_client_close(p->client);
    sodium_memzero(p, sizeof *p);
}

const char *publisher_shown(const struct publisher *p, char *room, size_t bytes)
{
    if (p->db)
        return sql_shown(p->db);
    http_url_shown(p->place, room, bytes);
    return room;
}

/* --- Into a database -------------------------------------------------------------------------- */

static enum ou_status read_all(struct publishing *runs, size_t count, struct takein_item *items,
                               struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < count; i++)
        status = takein_read(runs[i].document, runs[i].name, &items[i], err);
    return status;
}

/* SQLite has no queue of those who want to write: they look, every 100 ms at the longest, whether they may. */
static void let_others_write(const struct sql *db)
{
    if (sql_kind(db) == SQL_SQLITE)
        (void)poll(NULL, 0, 110);
}

static enum ou_status put_items(struct publisher *p, struct takein_item *items, size_t count,
                                size_t *ret_done, struct ou_error *err)
{
    const struct put_options options = { .replace = p->options.replace,
                                         .actor = "local",
                                         .now_ns = time_wall_ns() };
    enum ou_status status = OU_OK;
    size_t done = 0, more;

    while (!status && done < count) {
        if (done > 0)
            let_others_write(p->db);
        status = takein_put(p->db, items + done, count - done, &options, &more, err);
        done += more;
    }
    *ret_done = done;
    return status;
}

static enum ou_status put_into_database(struct publisher *p, struct publishing *runs, size_t count,
                                        size_t *ret_done, struct ou_error *err)
{
    struct takein_item items[PUBLISHER_BATCH] = { 0 };
    enum ou_status status;

    assert(count <= PUBLISHER_BATCH);
    status = read_all(runs, count, items, err);
    if (!status)
        status = put_items(p, items, count, ret_done, err);
    for (size_t i = 0; i < count; i++) {
        const struct takein *result = &items[i].result;

        runs[i].sent = (struct sent){ .outcome = result->outcome };
        memcpy(runs[i].sent.id, result->id, sizeof result->id);
        takein_release(&items[i]);
    }
    return status;
}

/* --- To a server ------------------------------------------------------------------------------ */

static void say_wait(void *context, const char *why, double wait_s)
{
    const struct publisher *p = context;
    char text[512], place[256];

    if (p->options.progress)
        progress_erase(p->options.progress);
    http_url_shown(p->place, place, sizeof place);
    snprintf(text, sizeof text, "%.250s: %.180s; trying again in %.1f s", place, why, wait_s);
    say(p->options.command, text);
}

static enum ou_status put_to_server(struct publisher *p, struct publishing *run,
                                    struct ou_error *err)
{
    const struct sending how = {
        .client = p->client,
        .server = p->place,
        .token = p->token,
        .replace = p->options.replace,
        .retries = &RETRY_USUAL,
        .say = say_wait,
        .context = p,
    };

    return publication_send(&how, run->document, &run->sent, err);
}

enum ou_status publisher_ask(struct publisher *p, struct ou_error *err)
{
    static const struct retry_policy brief = {
        .tries = 3, .first_s = 0.5, .most_s = 1, .all_s = 5
    };
    const struct sending how = { .client = p->client,
                                 .server = p->place,
                                 .token = p->token,
                                 .retries = &brief,
                                 .say = say_wait,
                                 .context = p };

    return p->db ? OU_OK : publication_ask(&how, err);
}

enum ou_status publisher_put(struct publisher *p, struct publishing *runs, size_t count,
                             size_t *ret_done, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    size_t done = 0;

    if (p->db)
        status = put_into_database(p, runs, count, &done, err);
    while (!p->db && !status && done < count) {
        status = put_to_server(p, &runs[done], err);
        done += !status;
    }
    if (ret_done)
        *ret_done = done;
    return status;
}
