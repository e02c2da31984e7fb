#include "api/outlets.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "deploy/spawn.h"
#include "json/write.h"

#define PAUSE_MOST_S 3600

void outlet_message(const struct delivery *delivery, struct buffer *out)
{
    struct json_writer w;
    struct buffer head;

    buffer_init(&head, allocator_libc(), 1024);
    json_writer_init(&w, &head, false);
    json_begin_object(&w);
    json_key(&w, "delivery");
    json_cstring(&w, delivery->id);
    json_key(&w, "event");
    json_cstring(&w, delivery->event);
    json_key(&w, "alert");
    json_none(&w);
    json_end(&w);
    /* The alert is JSON already: it takes the place of the null. */
    if (buffer_status(&head)) {
        out->status = buffer_status(&head);
    } else {
        buffer_append(out, head.at, head.len - strlen("null}"));
        buffer_text(out, delivery->alert);
        buffer_text(out, "}");
    }
    buffer_release(&head);
}

int64_t outlet_pause_ns(int64_t tries, double draw)
{
    const double most = tries > 12 ? PAUSE_MOST_S : (double)(1 << (tries > 0 ? tries - 1 : 0));
    const double seconds = most < PAUSE_MOST_S ? most : PAUSE_MOST_S;

    return (int64_t)(seconds * (.5 + draw / 2) * NS_PER_SECOND);
}

void outlet_sign(const char *secret, struct span message, char ret[SIGNATURE_ROOM])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256_init(&state, (const unsigned char *)secret, strlen(secret));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)message.at, message.len);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
    sodium_bin2hex(ret + snprintf(ret, SIGNATURE_ROOM, "sha256="), 2 * sizeof mac + 1, mac,
                   sizeof mac);
}

/* ---- webhooks ---- */

static enum ou_status judge_reply(enum ou_status status, const struct http_reply *reply,
                                  char ret_why[OUTLET_WHY_ROOM])
{
    if (status)
        snprintf(ret_why, OUTLET_WHY_ROOM, "%s", *reply->cause ? reply->cause : "no reply");
    else if (reply->status / 100 != 2)
        snprintf(ret_why, OUTLET_WHY_ROOM, "status %d", reply->status);
    else
        return OU_OK;
    return status ? status : OU_IO;
}

static enum ou_status post(const struct api_outlet *outlet, struct http_client *client,
                           const struct delivery *delivery, struct span message,
                           char ret_why[OUTLET_WHY_ROOM])
{
    char key[64], signature[32 + SIGNATURE_ROOM] = "Ouroscope-Signature: ";
    static const char agent[] = "User-Agent: ouroscope/" OUROSCOPE_VERSION;
    const char *headers[] = { "Content-Type: application/json", agent, key, NULL, NULL };
    struct http_request request = { .method = "POST",
                                    .url = outlet->url,
                                    .headers = headers,
                                    .body = message,
                                    .timeout_s = WEBHOOK_LIMIT_S,
                                    .body_max = (size_t)64 << 10 };
    struct http_reply reply = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status;

    snprintf(key, sizeof key, "Idempotency-Key: %.40s", delivery->id);
    if (outlet->secret) {
        outlet_sign(outlet->secret, message, signature + strlen(signature));
        headers[3] = signature;
    }
    status = http_ask(client, &request, &reply, &err);
    status = judge_reply(status, &reply, ret_why);
    http_reply_release(&reply);
    return status;
}

/* ---- commands ---- */

/* The last line of what it said is its reason; controls in it become blanks. */
static void describe_end(const struct spawn_result *result, char ret_why[OUTLET_WHY_ROOM])
{
    char line[OUTLET_WHY_ROOM / 2];

    spawn_last_line(result, line, sizeof line);
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    snprintf(ret_why, OUTLET_WHY_ROOM, "exit status %d%s%s", result->status, *line ? ": " : "",
             line);
}

static enum ou_status run(const struct api_outlet *outlet, struct span message,
                          const atomic_bool *cancel, char ret_why[OUTLET_WHY_ROOM])
{
    const struct spawn_options options = { .argv = outlet->command,
                                           .limit_ms = COMMAND_LIMIT_S * 1000,
                                           .input = message,
                                           .cancel = cancel };
    struct spawn_result result;
    struct ou_error err = { 0 };
    enum ou_status status = spawn_run(&options, &result, &err);

    if (status)
        snprintf(ret_why, OUTLET_WHY_ROOM, "%.200s", err.text);
    else if (result.status != 0)
        describe_end(&result, ret_why);
    if (!status && result.status != 0)
        status = OU_IO;
    spawn_release(&result);
    return status;
}

enum ou_status outlet_send(const struct api_outlet *outlet, struct http_client *client,
                           const struct delivery *delivery, struct span message,
                           const atomic_bool *cancel, char ret_why[OUTLET_WHY_ROOM])
{
    *ret_why = '\0';
    return outlet->url ? post(outlet, client, delivery, message, ret_why)
                       : run(outlet, message, cancel, ret_why);
}
