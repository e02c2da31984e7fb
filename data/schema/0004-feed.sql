-- What is going on: runs in progress, and news for everybody who listens.

CREATE TABLE live_runs (
    no {id},
    id TEXT NOT NULL UNIQUE,               -- the run's tag, which is also its natural key when it is published
    project_no INTEGER NOT NULL REFERENCES projects (no) ON DELETE CASCADE,
    profile TEXT NOT NULL,
    state TEXT NOT NULL,                   -- of the run directory: "allocated" ... "analysed", "failed"
    began_ns INTEGER NOT NULL,
    heard_ns INTEGER NOT NULL,             -- the last report
    ended_ns INTEGER,                      -- when a report said that it was the last one
    silent INTEGER NOT NULL,               -- 1: it should report, and does not
    view TEXT NOT NULL,                    -- JSON: the last report, whole
    trail TEXT NOT NULL,                   -- JSON: a few numbers over time, thinned out
    run_id TEXT,                           -- once it is published
    revision INTEGER NOT NULL
);
CREATE INDEX live_runs_by_time ON live_runs (began_ns, no);
CREATE INDEX live_runs_by_word ON live_runs (heard_ns);

-- Numbers are given without holes, by whoever has the row of news_state: so they are also in the order in which they
-- are committed, and a listener that has read up to one has missed none before it.
CREATE TABLE news (
    no INTEGER NOT NULL PRIMARY KEY,
    at_ns INTEGER NOT NULL,
    kind TEXT NOT NULL,                    -- "run.published", "live.changed", "alert.opened", ...
    project TEXT,
    subject TEXT NOT NULL,                 -- an id
    data TEXT NOT NULL                     -- JSON, small
);
CREATE INDEX news_by_time ON news (at_ns, no);
CREATE INDEX news_by_subject ON news (subject, kind);

CREATE TABLE news_state (
    one INTEGER NOT NULL PRIMARY KEY,      -- always 1
    last INTEGER NOT NULL,                 -- the newest number
    gone INTEGER NOT NULL                  -- up to here some may have been thrown away
);
INSERT INTO news_state (one, last, gone) VALUES (1, 0, 0);
