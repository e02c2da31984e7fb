-- What is concluded from runs, and who is to hear of it.

-- Comparisons and variances that were computed: the key is the hash of what they were computed from, with the program's version.
CREATE TABLE comparisons (
    id TEXT NOT NULL PRIMARY KEY,          -- 32 digits
    kind TEXT NOT NULL,                    -- "comparison", "comparison in CSV", "variance", "variance in CSV"
    request TEXT NOT NULL,                 -- JSON: which runs, which options
    data BLOB NOT NULL,                    -- the answer, Zstandard
    bytes INTEGER NOT NULL,
    computed_ns INTEGER NOT NULL,
    used_ns INTEGER NOT NULL
);
CREATE INDEX comparisons_by_use ON comparisons (used_ns);

-- Of each metric of a series, renewed with every run that comes to it.
CREATE TABLE change_points (
    no {id},
    id TEXT NOT NULL UNIQUE,
    series_no INTEGER NOT NULL REFERENCES series (no) ON DELETE CASCADE,
    metric_no INTEGER NOT NULL REFERENCES metrics (no),
    run_no INTEGER NOT NULL REFERENCES runs (no) ON DELETE CASCADE, -- the first of the new level
    before_mean REAL,
    after_mean REAL,
    change_percent REAL,
    p REAL,
    p_adjusted REAL,
    found_ns INTEGER NOT NULL,
    note TEXT,                             -- what people know of it
    revision INTEGER NOT NULL,
    UNIQUE (series_no, metric_no, run_no)
);
CREATE INDEX change_points_by_time ON change_points (found_ns, no);

CREATE TABLE thresholds (
    no {id},
    id TEXT NOT NULL UNIQUE,
    project_no INTEGER NOT NULL REFERENCES projects (no) ON DELETE CASCADE,
    series_no INTEGER REFERENCES series (no) ON DELETE CASCADE,     -- NULL: every series of the project
    metric_no INTEGER NOT NULL REFERENCES metrics (no),
    kind TEXT NOT NULL,                    -- "static", "percentage", "prediction", "iqr", "change-point"
    parameters TEXT NOT NULL,              -- JSON: {"above": 1.5}, {"confidence": .99, "least": 5}
    outlets TEXT NOT NULL,                 -- JSON: names of the server's outlets that are told
    enabled INTEGER NOT NULL,
    created_ns INTEGER NOT NULL,
    revision INTEGER NOT NULL
);
CREATE INDEX thresholds_by_project ON thresholds (project_no, metric_no);

CREATE TABLE alerts (
    no {id},
    id TEXT NOT NULL UNIQUE,
    threshold_no INTEGER NOT NULL REFERENCES thresholds (no) ON DELETE CASCADE,
    series_no INTEGER NOT NULL REFERENCES series (no) ON DELETE CASCADE,
    metric_no INTEGER NOT NULL REFERENCES metrics (no),
    run_no INTEGER NOT NULL REFERENCES runs (no) ON DELETE CASCADE,
    state TEXT NOT NULL,                   -- "active", "silenced", "dismissed"
    value REAL,
    low REAL,                              -- what was expected; NULL: no bound
    high REAL,
    back_run_no INTEGER REFERENCES runs (no) ON DELETE SET NULL, -- the first later run that was in bounds again
    says TEXT NOT NULL,                    -- a sentence
    note TEXT,
    silenced_until_ns INTEGER,
    opened_ns INTEGER NOT NULL,
    changed_ns INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    UNIQUE (threshold_no, run_no, series_no)
);
CREATE INDEX alerts_by_time ON alerts (opened_ns, no);
CREATE INDEX alerts_by_state ON alerts (state, opened_ns, no);
CREATE INDEX alerts_by_threshold ON alerts (threshold_no, series_no, state);

-- Messages about alerts that are to go out; a row is gone only when its outlet has taken it.
CREATE TABLE deliveries (
    no {id},
    id TEXT NOT NULL UNIQUE,
    alert_no INTEGER NOT NULL REFERENCES alerts (no) ON DELETE CASCADE,
    outlet TEXT NOT NULL,
    event TEXT NOT NULL,                   -- "opened", "changed"
    state TEXT NOT NULL,                   -- "waiting", "sent", "failed"
    attempts INTEGER NOT NULL,
    next_ns INTEGER NOT NULL,              -- not before
    claimed_ns INTEGER,                    -- by a server that is at it
    last_error TEXT,
    created_ns INTEGER NOT NULL,
    done_ns INTEGER
);
CREATE INDEX deliveries_waiting ON deliveries (state, next_ns);
CREATE INDEX deliveries_by_alert ON deliveries (alert_no, no);
