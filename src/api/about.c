/* What the server says of itself. */
#include <stdio.h>

#include "api/answering.h"
#include "store/migrate.h"

/* ---- the index ---- */

/* The collections that a reader may begin with. */
static const struct {
    const char *name, *path;
} collections[] = {
    { "projects", "/projects" },
    { "profiles", "/profiles" },
    { "environments", "/environments" },
    { "versions", "/versions" },
    { "metrics", "/metrics" },
    { "series", "/series" },
    { "runs", "/runs" },
    { "summaries", "/summaries" },
    { "changePoints", "/change-points" },
    { "thresholds", "/thresholds" },
    { "alerts", "/alerts" },
    { "deliveries", "/deliveries" },
    { "live", "/live" },
    { "events", "/events" },
    { "health", "/health" },
    { "version", "/version" },
    { "description", "/openapi.json" },
};

static void get_index(struct api_request *r)
{
    struct json_writer w;

    api_json(r, 200, &w);
    json_begin_object(&w);
    json_key(&w, "title");
    json_cstring(&w, "Ouroscope results");
    json_key(&w, "version");
    json_cstring(&w, OUROSCOPE_VERSION);
    json_key(&w, "documentation");
    json_cstring(&w, "/docs");
    json_key(&w, "links");
    json_begin_object(&w);
    for (size_t i = 0; i < sizeof collections / sizeof *collections; i++) {
        json_key(&w, collections[i].name);
        json_cstring(&w, api_link(r, "%s", collections[i].path));
    }
    json_end(&w);
    json_end(&w);
    api_conditional(r, NULL, false);
}

static void get_description(struct api_request *r)
{
    struct span text = description_text(api_description(r->api));

    r->answer->status = 200;
    r->answer->type = "application/json";
    buffer_append(&r->answer->body, text.at, text.len);
    api_conditional(r, NULL, false);
}

static void get_version(struct api_request *r)
{
    struct json_writer w;

    api_json(r, 200, &w);
    json_begin_object(&w);
    json_key(&w, "version");
    json_cstring(&w, OUROSCOPE_VERSION);
    json_key(&w, "api");
    json_cstring(&w, "v1");
    json_key(&w, "schema");
    json_int(&w, migrate_version(migrate_count() - 1).number);
    json_end(&w);
    api_conditional(r, NULL, false);
}

/* ---- health ---- */

struct health {
    bool reachable;
    int64_t schema; /* of the database */
    struct ou_error err;
};

static struct health look(struct api_request *r)
{
    struct health h = { 0 };
    struct sql *db;
    enum ou_status status = store_take(api_store(r->api), &db, &h.err);

    if (status)
        return h;
    status = migrate_current(db, &h.schema, &h.err);
    h.reachable = status == OU_OK;
    store_give(api_store(r->api), db);
    return h;
}

static void put_database(struct json_writer *w, struct api_request *r, const struct health *h)
{
    json_key(w, "database");
    json_begin_object(w);
    json_key(w, "kind");
    json_cstring(w, store_kind(api_store(r->api)) == SQL_SQLITE ? "sqlite" : "postgresql");
    json_key(w, "reachable");
    json_bool(w, h->reachable);
    json_key(w, "schema");
    if (h->reachable)
        json_int(w, h->schema);
    else
        json_none(w);
    json_end(w);
}

/* For load balancers and monitors: 503 when requests that need the database would fail. */
static void get_health(struct api_request *r)
{
    struct health h = look(r);
    bool fine = h.reachable && h.schema == migrate_version(migrate_count() - 1).number;
    struct json_writer w;

    api_json(r, fine ? 200 : 503, &w);
    json_begin_object(&w);
    json_key(&w, "status");
    json_cstring(&w, fine ? "ok" : "unavailable");
    put_database(&w, r, &h);
    json_key(&w, "waiting");
    json_uint(&w, work_waiting(api_work(r->api)));
    json_end(&w);
    if (!fine) {
        http_answer_header(r->answer, "Retry-After", "2");
        snprintf(r->failure, sizeof r->failure, "%s",
                 h.reachable ? "the schema is not this program's" : h.err.text);
    }
}

const struct api_operation about_operations[] = {
    { "getIndex", 0, OPERATION_NO_DATABASE | OPERATION_OPEN, get_index },
    { "getDescription", 0, OPERATION_NO_DATABASE | OPERATION_OPEN, get_description },
    { "getHealth", 0, OPERATION_NO_DATABASE | OPERATION_OPEN, get_health },
    { "getVersion", 0, OPERATION_NO_DATABASE | OPERATION_OPEN, get_version },
    { 0 },
};
