/* What readers see of each resource. A field with `via` is found by an index of the table that rows come from, whatever
 * table its text stands in. Tables that only add texts are joined by LEFT JOIN, though their rows are always there: so
 * neither database begins with a small one of them, and sorts a million rows in the end. */
#include <string.h>

#include "store/list.h"

#define FIELDS(table) .fields = (table), .field_count = sizeof(table) / sizeof *(table)

/* Of columns that stand for one row of another table: "project" of runs. */
#define VIA_PROJECT(column) column " = (SELECT no FROM projects WHERE name ="
#define VIA_SERIES(column) column " = (SELECT no FROM series WHERE id ="
#define VIA_PROFILE(column) column " = (SELECT no FROM profiles WHERE id ="
#define VIA_ENVIRONMENT(column) column " = (SELECT no FROM environments WHERE id ="
#define VIA_VERSION(column) column " = (SELECT no FROM versions WHERE id ="
#define VIA_RUN(column) column " = (SELECT no FROM runs WHERE id ="
#define VIA_METRIC(column) column " = (SELECT no FROM metrics WHERE section || '/' || id ="
/* Names that several rows have. */
#define VIA_PROFILE_NAME(column) column " IN (SELECT no FROM profiles WHERE name ="
#define VIA_VERSION_NAME(column) column " IN (SELECT no FROM versions WHERE name ="
#define METRIC_KEY "m.section || '/' || m.id"

static const struct list_field project_fields[] = {
    { .name = "name", .sql = "p.name", .filters = true, .sorts = true },
    { .name = "title", .sql = "p.title" },
    { .name = "createdAt",
      .sql = "p.created_ns",
      .type = FIELD_TIME,
      .filters = true,
      .sorts = true },
    { .name = "runs",
      .sql = "(SELECT count(*) FROM runs x WHERE x.project_no = p.no)",
      .type = FIELD_INT,
      .aside = true },
};

static const struct list_field profile_fields[] = {
    { .name = "id", .sql = "f.id", .filters = true },
    { .name = "name", .sql = "f.name", .filters = true, .sorts = true },
    { .name = "era", .sql = "f.era", .filters = true },
    { .name = "workload", .sql = "f.workload", .filters = true, .sorts = true, .is_null = true },
    { .name = "facts", .sql = "f.facts", .type = FIELD_JSON },
};

static const struct list_field environment_fields[] = {
    { .name = "id", .sql = "e.id", .filters = true, .sorts = true },
    { .name = "backend", .sql = "e.backend", .filters = true, .sorts = true, .is_null = true },
    { .name = "machine", .sql = "e.machine", .filters = true },
    { .name = "hosts",
      .sql = "e.hosts",
      .type = FIELD_INT,
      .filters = true,
      .sorts = true,
      .is_null = true },
    { .name = "facts", .sql = "e.facts", .type = FIELD_JSON },
};

static const struct list_field version_fields[] = {
    { .name = "id", .sql = "v.id", .filters = true },
    { .name = "name", .sql = "v.name", .filters = true, .sorts = true },
    { .name = "commit", .sql = "v.commit_hash", .filters = true },
    { .name = "compiler", .sql = "v.compiler", .filters = true },
    { .name = "flags", .sql = "v.flags", .type = FIELD_JSON },
};

static const struct list_field metric_fields[] = {
    { .name = "metric", .sql = METRIC_KEY, .filters = true, .sorts = true },
    { .name = "section", .sql = "m.section", .filters = true },
    { .name = "id", .sql = "m.id", .filters = true },
    { .name = "name", .sql = "m.name", .filters = true, .sorts = true },
    { .name = "unit", .sql = "m.unit", .filters = true },
    { .name = "direction", .sql = "m.direction", .filters = true },
    { .name = "description", .sql = "m.description" },
};

static const struct list_field series_fields[] = {
    { .name = "id", .sql = "s.id", .filters = true },
    { .name = "title", .sql = "s.title", .filters = true, .sorts = true },
    { .name = "project", .sql = "p.name", .filters = true, .via = VIA_PROJECT("s.project_no") },
    { .name = "profile",
      .sql = "f.name",
      .filters = true,
      .via = VIA_PROFILE_NAME("s.profile_no") },
    { .name = "profileId", .sql = "f.id", .filters = true, .via = VIA_PROFILE("s.profile_no") },
    { .name = "workload", .sql = "f.workload", .filters = true },
    { .name = "environmentId",
      .sql = "e.id",
      .filters = true,
      .via = VIA_ENVIRONMENT("s.environment_no") },
    { .name = "backend", .sql = "e.backend", .filters = true },
    { .name = "runs",
      .sql = "(SELECT count(*) FROM runs x WHERE x.series_no = s.no)",
      .type = FIELD_INT,
      .aside = true },
    { .name = "lastRunAt",
      .sql = "(SELECT max(x.sort_ns) FROM runs x WHERE x.series_no = s.no)",
      .type = FIELD_TIME,
      .aside = true },
};

static const struct list_field run_fields[] = {
    { .name = "id", .sql = "r.id", .filters = true },
    { .name = "project", .sql = "p.name", .filters = true, .via = VIA_PROJECT("r.project_no") },
    { .name = "name", .sql = "r.name", .filters = true },
    { .name = "ident", .sql = "r.ident", .filters = true },
    { .name = "batch", .sql = "r.batch", .filters = true },
    { .name = "state", .sql = "r.state", .filters = true },
    { .name = "failure", .sql = "r.failure" },
    { .name = "source", .sql = "r.source", .filters = true },
    { .name = "profile",
      .sql = "f.name",
      .filters = true,
      .via = VIA_PROFILE_NAME("r.profile_no") },
    { .name = "profileId", .sql = "f.id", .filters = true, .via = VIA_PROFILE("r.profile_no") },
    { .name = "workload", .sql = "f.workload", .filters = true },
    { .name = "era", .sql = "f.era", .filters = true },
    { .name = "version",
      .sql = "v.name",
      .filters = true,
      .via = VIA_VERSION_NAME("r.version_no") },
    { .name = "versionId", .sql = "v.id", .filters = true, .via = VIA_VERSION("r.version_no") },
    { .name = "series", .sql = "s.id", .filters = true, .via = VIA_SERIES("r.series_no") },
    { .name = "environmentId",
      .sql = "e.id",
      .filters = true,
      .via = VIA_ENVIRONMENT("r.environment_no") },
    { .name = "startedAt",
      .sql = "r.started_ns",
      .type = FIELD_TIME,
      .filters = true,
      .sorts = true,
      .order = "r.sort_ns" },
    { .name = "publishedAt",
      .sql = "r.published_ns",
      .type = FIELD_TIME,
      .filters = true,
      .sorts = true },
    { .name = "hosts", .sql = "r.host_count", .type = FIELD_INT, .filters = true },
    { .name = "blocks", .sql = "r.block_count", .type = FIELD_INT, .filters = true },
    { .name = "errors", .sql = "r.errors", .type = FIELD_INT, .filters = true },
    { .name = "warnings", .sql = "r.warnings", .type = FIELD_INT, .filters = true },
    { .name = "info", .sql = "r.info", .type = FIELD_JSON },
    { .name = "naturalKey", .sql = "r.natural_key", .filters = true, .aside = true },
    { .name = "contentHash", .sql = "r.content_hash", .filters = true, .aside = true },
};

static const struct list_field host_fields[] = {
    { .name = "place", .sql = "h.place", .type = FIELD_INT, .sorts = true },
    { .name = "name", .sql = "h.name", .filters = true },
    { .name = "run", .sql = "r.id", .aside = true, .via = VIA_RUN("h.run_no") },
};

/* Sorted by runs as they came in, and in a run by metrics: what the primary key gives, and for runs of a project or a series
 * theirs. Runs are joined so that they may come first. */
static const struct list_field summary_fields[] = {
    { .name = "run",
      .sql = "r.id",
      .filters = true,
      .sorts = true,
      .order = "y.run_no",
      .led = "r.no",
      .via = VIA_RUN("y.run_no") },
    { .name = "runName", .sql = "r.name" },
    { .name = "project",
      .sql = "p.name",
      .filters = true,
      .leads = true,
      .via = VIA_PROJECT("r.project_no") },
    { .name = "series",
      .sql = "s.id",
      .filters = true,
      .leads = true,
      .via = VIA_SERIES("r.series_no") },
    { .name = "profile",
      .sql = "f.name",
      .filters = true,
      .leads = true,
      .via = VIA_PROFILE_NAME("r.profile_no") },
    { .name = "workload", .sql = "f.workload", .filters = true },
    { .name = "version",
      .sql = "v.name",
      .filters = true,
      .leads = true,
      .via = VIA_VERSION_NAME("r.version_no") },
    { .name = "startedAt",
      .sql = "r.started_ns",
      .type = FIELD_TIME,
      .filters = true,
      .order = "r.sort_ns" },
    { .name = "metric", .sql = METRIC_KEY, .filters = true, .via = VIA_METRIC("y.metric_no") },
    { .name = "section", .sql = "m.section", .filters = true },
    { .name = "name", .sql = "m.name" },
    { .name = "unit", .sql = "m.unit" },
    { .name = "n", .sql = "y.n", .type = FIELD_REAL },
    { .name = "mean", .sql = "y.mean", .type = FIELD_REAL, .filters = true },
    { .name = "median", .sql = "y.median", .type = FIELD_REAL },
    { .name = "sd", .sql = "y.sd", .type = FIELD_REAL },
    { .name = "min", .sql = "y.low", .type = FIELD_REAL },
    { .name = "max", .sql = "y.high", .type = FIELD_REAL },
    { .name = "text", .sql = "y.text" },
    { .name = "reason", .sql = "y.reason" },
    { .name = "quantiles", .sql = "y.quantiles", .type = FIELD_QUANTILES, .aside = true },
};

static const struct list_field block_fields[] = {
    { .name = "place", .sql = "b.place", .type = FIELD_INT, .filters = true, .sorts = true },
    { .name = "number", .sql = "b.number", .type = FIELD_INT, .filters = true },
    { .name = "slot", .sql = "b.slot", .type = FIELD_INT, .filters = true },
    { .name = "forger", .sql = "b.forger", .filters = true },
    { .name = "slotStart", .sql = "b.slot_start_s", .type = FIELD_REAL },
    { .name = "run", .sql = "r.id", .aside = true, .via = VIA_RUN("b.run_no") },
};

static const struct list_field artifact_fields[] = {
    { .name = "name", .sql = "a.name", .filters = true, .sorts = true },
    { .name = "type", .sql = "a.type", .filters = true },
    { .name = "bytes", .sql = "a.bytes", .type = FIELD_INT },
    { .name = "sha256", .sql = "a.sha256", .filters = true },
    { .name = "run", .sql = "r.id", .aside = true, .via = VIA_RUN("a.run_no") },
};

static const struct list_field change_point_fields[] = {
    { .name = "id", .sql = "c.id", .filters = true },
    { .name = "project", .sql = "p.name", .filters = true },
    { .name = "series", .sql = "s.id", .filters = true, .via = VIA_SERIES("c.series_no") },
    { .name = "seriesTitle", .sql = "s.title" },
    { .name = "metric", .sql = METRIC_KEY, .filters = true, .via = VIA_METRIC("c.metric_no") },
    { .name = "unit", .sql = "m.unit" },
    { .name = "direction", .sql = "m.direction" },
    { .name = "run", .sql = "r.id", .filters = true, .via = VIA_RUN("c.run_no") },
    { .name = "runName", .sql = "r.name" },
    { .name = "version", .sql = "v.name", .filters = true },
    { .name = "startedAt", .sql = "r.started_ns", .type = FIELD_TIME },
    { .name = "beforeMean", .sql = "c.before_mean", .type = FIELD_REAL },
    { .name = "afterMean", .sql = "c.after_mean", .type = FIELD_REAL },
    { .name = "changePercent", .sql = "c.change_percent", .type = FIELD_REAL, .filters = true },
    { .name = "p", .sql = "c.p", .type = FIELD_REAL, .filters = true },
    { .name = "pAdjusted", .sql = "c.p_adjusted", .type = FIELD_REAL, .filters = true },
    { .name = "foundAt", .sql = "c.found_ns", .type = FIELD_TIME, .filters = true, .sorts = true },
    { .name = "note", .sql = "c.note" },
};

static const struct list_field threshold_fields[] = {
    { .name = "id", .sql = "t.id", .filters = true },
    { .name = "project", .sql = "p.name", .filters = true, .via = VIA_PROJECT("t.project_no") },
    { .name = "series", .sql = "s.id", .filters = true },
    { .name = "metric", .sql = METRIC_KEY, .filters = true, .via = VIA_METRIC("t.metric_no") },
    { .name = "kind", .sql = "t.kind", .filters = true },
    { .name = "parameters", .sql = "t.parameters", .type = FIELD_JSON },
    { .name = "outlets", .sql = "t.outlets", .type = FIELD_JSON },
    { .name = "enabled", .sql = "t.enabled", .type = FIELD_BOOL, .filters = true },
    { .name = "createdAt",
      .sql = "t.created_ns",
      .type = FIELD_TIME,
      .filters = true,
      .sorts = true },
};

static const struct list_field alert_fields[] = {
    { .name = "id", .sql = "a.id", .filters = true },
    { .name = "project", .sql = "p.name", .filters = true },
    { .name = "threshold", .sql = "t.id", .filters = true },
    { .name = "series", .sql = "s.id", .filters = true },
    { .name = "seriesTitle", .sql = "s.title" },
    { .name = "metric", .sql = METRIC_KEY, .filters = true, .via = VIA_METRIC("a.metric_no") },
    { .name = "unit", .sql = "m.unit" },
    { .name = "run", .sql = "r.id", .filters = true, .via = VIA_RUN("a.run_no") },
    { .name = "runName", .sql = "r.name" },
    { .name = "state", .sql = "a.state", .filters = true },
    { .name = "value", .sql = "a.value", .type = FIELD_REAL },
    { .name = "low", .sql = "a.low", .type = FIELD_REAL },
    { .name = "high", .sql = "a.high", .type = FIELD_REAL },
    { .name = "says", .sql = "a.says" },
    { .name = "note", .sql = "a.note" },
    { .name = "silencedUntil", .sql = "a.silenced_until_ns", .type = FIELD_TIME },
    { .name = "openedAt",
      .sql = "a.opened_ns",
      .type = FIELD_TIME,
      .filters = true,
      .sorts = true },
    { .name = "changedAt", .sql = "a.changed_ns", .type = FIELD_TIME, .filters = true },
    { .name = "backInBoundsRun", .sql = "(SELECT x.id FROM runs x WHERE x.no = a.back_run_no)" },
};

static const struct list_field delivery_fields[] = {
    { .name = "id", .sql = "d.id", .filters = true },
    { .name = "project", .sql = "p.name", .filters = true },
    { .name = "alert", .sql = "a.id", .filters = true },
    { .name = "outlet", .sql = "d.outlet", .filters = true },
    { .name = "event", .sql = "d.event", .filters = true },
    { .name = "state", .sql = "d.state", .filters = true },
    { .name = "attempts", .sql = "d.attempts", .type = FIELD_INT, .filters = true },
    { .name = "nextAt", .sql = "d.next_ns", .type = FIELD_TIME },
    { .name = "lastError", .sql = "d.last_error" },
    { .name = "createdAt",
      .sql = "d.created_ns",
      .type = FIELD_TIME,
      .filters = true,
      .sorts = true },
    { .name = "doneAt", .sql = "d.done_ns", .type = FIELD_TIME },
};

static const struct list_field token_fields[] = {
    { .name = "id", .sql = "k.id", .filters = true },
    { .name = "name", .sql = "k.name", .filters = true },
    { .name = "scopes", .sql = "k.scopes", .type = FIELD_JSON },
    { .name = "project", .sql = "p.name", .filters = true },
    { .name = "createdAt",
      .sql = "k.created_ns",
      .type = FIELD_TIME,
      .filters = true,
      .sorts = true },
    { .name = "expiresAt", .sql = "k.expires_ns", .type = FIELD_TIME, .filters = true },
    { .name = "revokedAt", .sql = "k.revoked_ns", .type = FIELD_TIME, .filters = true },
    { .name = "usedAt", .sql = "k.used_ns", .type = FIELD_TIME, .filters = true },
};

static const struct list_field audit_fields[] = {
    { .name = "no", .sql = "u.no", .type = FIELD_INT, .filters = true },
    { .name = "at", .sql = "u.at_ns", .type = FIELD_TIME, .filters = true, .sorts = true },
    { .name = "actor", .sql = "u.actor", .filters = true },
    { .name = "action", .sql = "u.action", .filters = true },
    { .name = "target", .sql = "u.target", .filters = true },
    { .name = "client", .sql = "u.client", .filters = true },
    { .name = "request", .sql = "u.request", .filters = true },
    { .name = "detail", .sql = "u.detail", .type = FIELD_JSON },
};

static const struct list_field live_fields[] = {
    { .name = "id", .sql = "l.id", .filters = true },
    { .name = "project", .sql = "p.name", .filters = true, .via = VIA_PROJECT("l.project_no") },
    { .name = "profile", .sql = "l.profile", .filters = true },
    { .name = "state", .sql = "l.state", .filters = true },
    { .name = "silent", .sql = "l.silent", .type = FIELD_BOOL, .filters = true },
    { .name = "beganAt", .sql = "l.began_ns", .type = FIELD_TIME, .filters = true, .sorts = true },
    { .name = "heardAt", .sql = "l.heard_ns", .type = FIELD_TIME, .filters = true, .sorts = true },
    { .name = "endedAt", .sql = "l.ended_ns", .type = FIELD_TIME, .filters = true },
    { .name = "run", .sql = "l.run_id", .filters = true },
    { .name = "report", .sql = "l.view", .type = FIELD_JSON, .aside = true },
    { .name = "trail", .sql = "l.trail", .type = FIELD_JSON, .aside = true },
};

static const struct list_resource resources[] = {
    { .name = "projects",
      .from = "projects p",
      .id = "name",
      .no = "p.no",
      .sort = "name",
      FIELDS(project_fields) },
    { .name = "profiles",
      .from = "profiles f",
      .id = "id",
      .no = "f.no",
      .sort = "name",
      FIELDS(profile_fields) },
    { .name = "environments",
      .from = "environments e",
      .id = "id",
      .no = "e.no",
      .sort = "id",
      FIELDS(environment_fields) },
    { .name = "versions",
      .from = "versions v",
      .id = "id",
      .no = "v.no",
      .sort = "name",
      FIELDS(version_fields) },
    { .name = "metrics",
      .from = "metrics m",
      .id = "metric",
      .no = "m.no",
      .sort = "metric",
      FIELDS(metric_fields) },
    { .name = "series",
      .from =
          "series s LEFT JOIN projects p ON p.no = s.project_no LEFT JOIN profiles f ON f.no = s.profile_no "
          "LEFT JOIN environments e ON e.no = s.environment_no",
      .id = "id",
      .no = "s.no",
      .sort = "title",
      FIELDS(series_fields) },
    { .name = "runs",
      .from =
          "runs r LEFT JOIN projects p ON p.no = r.project_no LEFT JOIN profiles f ON f.no = r.profile_no "
          "LEFT JOIN versions v ON v.no = r.version_no LEFT JOIN series s ON s.no = r.series_no "
          "LEFT JOIN environments e ON e.no = r.environment_no",
      .id = "id",
      .no = "r.no",
      .sort = "-startedAt",
      FIELDS(run_fields) },
    { .name = "hosts",
      .from = "hosts h LEFT JOIN runs r ON r.no = h.run_no",
      .id = "name",
      .no = "h.place",
      .sort = "place",
      FIELDS(host_fields) },
    { .name = "summaries",
      .from =
          "summaries y JOIN runs r ON r.no = y.run_no LEFT JOIN metrics m ON m.no = y.metric_no "
          "LEFT JOIN projects p ON p.no = r.project_no LEFT JOIN profiles f ON f.no = r.profile_no "
          "LEFT JOIN versions v ON v.no = r.version_no LEFT JOIN series s ON s.no = r.series_no",
      .id = "metric",
      .no = "y.metric_no",
      .sort = "-run",
      FIELDS(summary_fields) },
    { .name = "blocks",
      .from = "blocks b LEFT JOIN runs r ON r.no = b.run_no",
      .id = "place",
      .no = "b.place",
      .sort = "place",
      FIELDS(block_fields) },
    { .name = "artifacts",
      .from = "artifacts a LEFT JOIN runs r ON r.no = a.run_no",
      .id = "name",
      .no = "a.run_no",
      .sort = "name",
      FIELDS(artifact_fields) },
    { .name = "change-points",
      .from =
          "change_points c LEFT JOIN series s ON s.no = c.series_no LEFT JOIN projects p ON p.no = s.project_no "
          "LEFT JOIN metrics m ON m.no = c.metric_no LEFT JOIN runs r ON r.no = c.run_no "
          "LEFT JOIN versions v ON v.no = r.version_no",
      .id = "id",
      .no = "c.no",
      .sort = "-foundAt",
      FIELDS(change_point_fields) },
    { .name = "thresholds",
      .from =
          "thresholds t LEFT JOIN projects p ON p.no = t.project_no LEFT JOIN metrics m ON m.no = t.metric_no "
          "LEFT JOIN series s ON s.no = t.series_no",
      .id = "id",
      .no = "t.no",
      .sort = "-createdAt",
      FIELDS(threshold_fields) },
    { .name = "alerts",
      .from =
          "alerts a LEFT JOIN thresholds t ON t.no = a.threshold_no LEFT JOIN projects p ON p.no = t.project_no "
          "LEFT JOIN series s ON s.no = a.series_no LEFT JOIN metrics m ON m.no = a.metric_no "
          "LEFT JOIN runs r ON r.no = a.run_no",
      .id = "id",
      .no = "a.no",
      .sort = "-openedAt",
      FIELDS(alert_fields) },
    { .name = "deliveries",
      .from =
          "deliveries d LEFT JOIN alerts a ON a.no = d.alert_no LEFT JOIN thresholds t ON t.no = a.threshold_no "
          "LEFT JOIN projects p ON p.no = t.project_no",
      .id = "id",
      .no = "d.no",
      .sort = "-createdAt",
      FIELDS(delivery_fields) },
    { .name = "live",
      .from = "live_runs l LEFT JOIN projects p ON p.no = l.project_no",
      .id = "id",
      .no = "l.no",
      .sort = "-beganAt",
      FIELDS(live_fields) },
    { .name = "tokens",
      .from = "tokens k LEFT JOIN projects p ON p.no = k.project_no",
      .id = "id",
      .no = "k.no",
      .sort = "-createdAt",
      FIELDS(token_fields) },
    { .name = "audit",
      .from = "audit u",
      .id = "no",
      .no = "u.no",
      .sort = "-at",
      FIELDS(audit_fields) },
};

const struct list_resource *list_resource_at(size_t i)
{
    return i < sizeof resources / sizeof *resources ? &resources[i] : NULL;
}

const struct list_resource *list_resource_find(const char *name)
{
    const struct list_resource *r;

    for (size_t i = 0; (r = list_resource_at(i)); i++)
        if (strcmp(r->name, name) == 0)
            return r;
    return NULL;
}

const struct list_field *list_field_find(const struct list_resource *r, const char *name)
{
    for (size_t i = 0; i < r->field_count; i++)
        if (strcmp(r->fields[i].name, name) == 0)
            return &r->fields[i];
    return NULL;
}
