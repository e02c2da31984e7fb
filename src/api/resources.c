/* Lists and items of what runs come to: most of them are a table of fields and nothing else. */
#include "api/answering.h"

#define LIST(function, resource)                \
    static void function(struct api_request *r) \
    {                                           \
        api_list(r, resource, NULL, 0);         \
    }
#define ITEM(function, resource, name)                  \
    static void function(struct api_request *r)         \
    {                                                   \
        api_item(r, resource, api_path_value(r, name)); \
    }

LIST(list_projects, "projects")
ITEM(get_project, "projects", "project")
LIST(list_profiles, "profiles")
ITEM(get_profile, "profiles", "profile")
LIST(list_environments, "environments")
ITEM(get_environment, "environments", "environment")
LIST(list_versions, "versions")
LIST(list_metrics, "metrics")
LIST(list_series, "series")
ITEM(get_series, "series", "series")
LIST(list_summaries, "summaries")
LIST(list_change_points, "change-points")
LIST(list_thresholds, "thresholds")
LIST(list_alerts, "alerts")
LIST(list_deliveries, "deliveries")

static void get_metric(struct api_request *r)
{
    struct buffer key;

    buffer_init(&key, allocator_libc(), 512);
    buffer_printf(&key, "%s/%s", api_path_value(r, "section"), api_path_value(r, "metric"));
    api_item(r, "metrics", buffer_string(&key));
    buffer_release(&key);
}

/* ---- versions: with what they are made of ---- */

static enum ou_status put_components(struct api_request *r, const char *id, struct json_writer *w,
                                     struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(r->db,
                  "SELECT c.name, c.version, c.commit_hash FROM components c JOIN versions v "
                  "ON v.no = c.version_no WHERE v.id = $1 ORDER BY c.name",
                  SQL_ARGS(sql_text(id)), &rows, err);
    static const char *const names[] = { "name", "version", "commit" };

    if (status)
        return status;
    json_begin_array(w);
    while (sql_next(rows)) {
        json_begin_object(w);
        for (int i = 0; i < 3; i++) {
            json_key(w, names[i]);
            if (sql_is_null(rows, i))
                json_none(w);
            else
                json_text(w, sql_get_text(rows, i));
        }
        json_end(w);
    }
    json_end(w);
    return sql_rows_end(rows, err);
}

static void get_version_item(struct api_request *r)
{
    const char *id = api_path_value(r, "version");
    struct buffer *body = &r->answer->body;
    struct ou_error err = { 0 };
    struct json_writer w;
    enum ou_status status;

    if (!api_item_put(r, "versions", NULL, 0, id, body))
        return;
    buffer_drop(body, 1); /* another member goes behind the others */
    buffer_text(body, ",\"components\":");
    r->answer->status = 200;
    r->answer->type = "application/json";
    json_writer_init(&w, body, false);
    status = put_components(r, id, &w, &err);
    buffer_char(body, '}');
    if (status)
        api_failed(r, status, &err);
    else
        api_conditional(r, NULL, false);
}

const struct api_operation resource_operations[] = {
    { "listProjects", SCOPE_READ, 0, list_projects },
    { "getProject", SCOPE_READ, 0, get_project },
    { "listProfiles", SCOPE_READ, 0, list_profiles },
    { "getProfile", SCOPE_READ, 0, get_profile },
    { "listEnvironments", SCOPE_READ, 0, list_environments },
    { "getEnvironment", SCOPE_READ, 0, get_environment },
    { "listVersions", SCOPE_READ, 0, list_versions },
    { "getVersionItem", SCOPE_READ, 0, get_version_item },
    { "listMetrics", SCOPE_READ, 0, list_metrics },
    { "getMetric", SCOPE_READ, 0, get_metric },
    { "listSeries", SCOPE_READ, 0, list_series },
    { "getSeries", SCOPE_READ, 0, get_series },
    { "listSummaries", SCOPE_READ, 0, list_summaries },
    { "listChangePoints", SCOPE_READ, 0, list_change_points },
    { "listThresholds", SCOPE_READ, 0, list_thresholds },
    { "listAlerts", SCOPE_READ, 0, list_alerts },
    { "listDeliveries", SCOPE_READ, 0, list_deliveries },
    { 0 },
};
