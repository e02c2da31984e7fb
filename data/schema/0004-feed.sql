-- What is going on: runs in progress, and news for everybody who listens.

CREATE TABLE live_runs (
    id TEXT NOT NULL PRIMARY KEY,          -- the run's tag, which is also its natural key when it is published
    project_no INTEGER NOT NULL REFERENCES projects (no) ON DELETE CASCADE,
    profile TEXT NOT NULL,
    state TEXT NOT NULL,                   -- of the run directory: "allocated" ... "analysed", "failed"
    began_ns INTEGER NOT NULL,
    heard_ns INTEGER NOT NULL,             -- the last report
    view TEXT NOT NULL,                    -- JSON: the last report, whole
    trail TEXT NOT NULL,                   -- JSON: a few numbers over time, thinned out
    run_id TEXT,                           -- once it is published
    revision INTEGER NOT NULL
);
CREATE INDEX live_runs_by_time ON live_runs (began_ns, id);

CREATE TABLE news (
    no {id},
    at_ns INTEGER NOT NULL,
    kind TEXT NOT NULL,                    -- "run.published", "live.changed", "alert.opened", ...
    project TEXT,
    subject TEXT NOT NULL,                 -- an id
    data TEXT NOT NULL                     -- JSON, small
);
CREATE INDEX news_by_time ON news (at_ns, no);
