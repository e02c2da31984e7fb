/* Alerts and the messages about them, as they are; thresholds.c has what opens them. */
#include <string.h>

#include "api/operation.h"
#include "api/owned.h"
#include "api/parts.h"
#include "api/thresholds.h"
#include "base/time.h"
#include "store/judgements.h"

static void get_alert(struct api_request *r)
{
    const char *id = api_path_value(r, "alert");

    if (api_owned(r, OWNED_ALERT, id))
        api_item(r, "alerts", id);
}

/* ---- changing ---- */

struct changing {
    struct api_request *r;
    const char *id;
    struct alert_change change;
};

static enum ou_status change(struct sql *db, void *context, struct ou_error *err)
{
    const struct changing *c = context;
    const struct audit_entry entry = { .actor = c->r->holder.id,
                                       .action = "alert.change",
                                       .target = c->id,
                                       .client = c->r->client,
                                       .request = c->r->id };
    enum ou_status status = alert_change(db, c->id, &c->change, c->r->now_ns, err);

    return status ? status : audit_put(db, &entry, c->r->now_ns, err);
}

static bool read_until(struct api_request *r, const json_t *until, struct alert_change *ret)
{
    const struct problem_place place = { .pointer = "/silencedUntil",
                                         .detail = "wanted is an instant, or null" };
    const char *text = json_string_value(until);

    ret->sets_until = until != NULL;
    ret->until_ns = TIME_NONE;
    if (!until || json_is_null(until))
        return true;
    if (!text || !time_parse_iso(text, strlen(text), &ret->until_ns))
        return api_problem_at(r, PROBLEM_INVALID_BODY, &place, 1,
                              "silencedUntil cannot be understood");
    return true;
}

/* What is silenced until an instant is silenced. */
static bool read_change(struct api_request *r, const json_t *body, struct alert_change *ret)
{
    const json_t *state = json_object_get(body, "state"), *note = json_object_get(body, "note");
    const struct problem_place place = { .pointer = "/silencedUntil",
                                         .detail = "only a silenced alert has an end of silence" };

    if (!read_until(r, json_object_get(body, "silencedUntil"), ret))
        return false;
    ret->state = json_string_value(state);
    ret->sets_note = note != NULL;
    ret->note = json_string_value(note);
    if (ret->until_ns != TIME_NONE && ret->state && strcmp(ret->state, "silenced") != 0)
        return api_problem_at(r, PROBLEM_UNPROCESSABLE, &place, 1,
                              "state and silencedUntil contradict each other");
    if (ret->until_ns != TIME_NONE && ret->until_ns <= r->now_ns)
        return api_problem_at(r, PROBLEM_UNPROCESSABLE, &place, 1, "silencedUntil is over already");
    if (ret->until_ns != TIME_NONE)
        ret->state = "silenced";
    return true;
}

static void update_alert(struct api_request *r)
{
    struct changing c = { .r = r, .id = api_path_value(r, "alert") };
    struct ou_error err = { 0 };
    json_t *body;
    enum ou_status status;

    if (!api_owned(r, OWNED_ALERT, c.id) || !api_item_if_match(r, "alerts", c.id) ||
        !api_body_json(r, &body) || !read_change(r, body, &c.change))
        return;
    status = sql_write(r->db, change, &c, &err);
    if (status) {
        api_failed(r, status, &err);
        return;
    }
    deliveries_wake(api_deliveries(r->api));
    api_item(r, "alerts", c.id);
}

const struct api_operation alert_operations[] = {
    { "createThreshold", SCOPE_ALERTS, 0, create_threshold },
    { "getThreshold", SCOPE_READ, 0, get_threshold },
    { "replaceThreshold", SCOPE_ALERTS, 0, replace_threshold },
    { "deleteThreshold", SCOPE_ALERTS, 0, delete_threshold },
    { "getAlert", SCOPE_READ, 0, get_alert },
    { "updateAlert", SCOPE_ALERTS, 0, update_alert },
    { 0 },
};
