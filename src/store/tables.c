#include "store/tables.h"

/* clang-format off */
const struct store_table store_tables[] = {
    { "projects", "no, name, title, created_ns", 4, true, false },
    { "profiles", "no, id, name, era, workload, facts", 6, true, false },
    { "environments", "no, id, backend, machine, hosts, facts", 6, true, false },
    { "versions", "no, id, name, commit_hash, compiler, flags", 6, true, false },
    { "components", "version_no, name, version, commit_hash", 4, false, false },
    { "series", "no, id, project_no, profile_no, environment_no, title", 6, true, false },
    { "runs", "no, id, content_hash, project_no, natural_key, series_no, profile_no, environment_no, version_no, name, ident,"
      " batch, source, state, failure, started_ns, sort_ns, published_ns, host_count, block_count, errors, warnings,"
      " info, revision", 24, true, false },
    { "hosts", "run_no, place, name", 3, false, false },
    { "metrics", "no, section, id, name, unit, direction, description", 7, true, false },
    { "summaries", "run_no, metric_no, n, mean, median, sd, low, high, text, reason, quantiles", 11, false, false },
    { "host_values", "run_no, metric_no, data", 3, false, false },
    { "samples", "run_no, metric_no, chunk, count, data", 5, false, true },
    { "blocks", "run_no, place, number, slot, forger, slot_start_s", 6, false, false },
    { "artifacts", "run_no, name, type, sha256, bytes, data", 6, false, true },
    { "comparisons", "id, kind, request, data, bytes, computed_ns, used_ns", 7, false, true },
    { "change_points", "no, id, series_no, metric_no, run_no, before_mean, after_mean, change_percent, p, p_adjusted, found_ns,"
      " note, revision", 13, true, false },
    { "thresholds", "no, id, project_no, series_no, metric_no, kind, parameters, outlets, enabled, created_ns, revision",
      11, true, false },
    { "alerts", "no, id, threshold_no, series_no, metric_no, run_no, state, value, low, high, back_run_no, says, note, silenced_until_ns,"
      " opened_ns, changed_ns, revision", 17, true, false },
    { "deliveries", "no, id, alert_no, outlet, event, state, attempts, next_ns, claimed_ns, last_error, created_ns, done_ns",
      12, true, false },
    { "tokens", "no, id, name, scopes, project_no, hash, created_ns, expires_ns, revoked_ns, used_ns", 10, true, false },
    { "audit", "no, at_ns, actor, action, target, client, request, detail", 8, true, false },
    { "settings", "name, value", 2, false, false },
    { "live_runs", "no, id, project_no, profile, state, began_ns, heard_ns, ended_ns, silent, view, trail, run_id, revision",
      13, true, false },
    { "news", "no, at_ns, kind, project, subject, data", 6, false, false },
    { "news_state", "one, last, gone", 3, false, false },
};
/* clang-format on */

const size_t store_table_count = sizeof store_tables / sizeof *store_tables;
