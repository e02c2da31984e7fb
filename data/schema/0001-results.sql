-- Runs and what was measured in them. Instants are nanoseconds since 1970 UTC; hashes are lower-case hex.
-- "no" columns are this database's own numbers; what readers see are the texts in "id".

CREATE TABLE projects (
    no {id},
    name TEXT NOT NULL UNIQUE,             -- "cardano-node", "published"
    title TEXT NOT NULL,
    created_ns INTEGER NOT NULL
);

CREATE TABLE profiles (
    no {id},
    id TEXT NOT NULL UNIQUE,               -- hash of what stands below
    name TEXT NOT NULL,
    era TEXT,
    workload TEXT,                         -- kind of workload: "value", "plutus"
    facts TEXT NOT NULL                    -- JSON: what must agree before runs are compared, {"genesis": {"epochLength": "600"}}
);
CREATE INDEX profiles_by_name ON profiles (name, no);

CREATE TABLE environments (
    no {id},
    id TEXT NOT NULL UNIQUE,
    backend TEXT,                          -- "local", "nomad"
    machine TEXT,
    hosts INTEGER,                         -- of the cluster
    facts TEXT NOT NULL                    -- JSON: hosts, regions, instances
);

CREATE TABLE versions (
    no {id},
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,                    -- of the node: "10.7.1"
    commit_hash TEXT,
    compiler TEXT,
    flags TEXT                             -- JSON: ["-A16m"]
);
CREATE INDEX versions_by_name ON versions (name, no);

CREATE TABLE components (
    version_no INTEGER NOT NULL REFERENCES versions (no) ON DELETE CASCADE,
    name TEXT NOT NULL,
    version TEXT,
    commit_hash TEXT,
    PRIMARY KEY (version_no, name)
);

-- Runs that may be laid side by side: the same project, profile facts and environment.
CREATE TABLE series (
    no {id},
    id TEXT NOT NULL UNIQUE,
    project_no INTEGER NOT NULL REFERENCES projects (no),
    profile_no INTEGER NOT NULL REFERENCES profiles (no),
    environment_no INTEGER NOT NULL REFERENCES environments (no),
    title TEXT NOT NULL
);
CREATE INDEX series_by_project ON series (project_no, no);

CREATE TABLE runs (
    no {id},
    id TEXT NOT NULL UNIQUE,               -- 32 digits of the content's hash
    content_hash TEXT NOT NULL,            -- of the publication: 64 digits
    project_no INTEGER NOT NULL REFERENCES projects (no),
    natural_key TEXT NOT NULL,             -- what names the run among all of its project
    series_no INTEGER NOT NULL REFERENCES series (no),
    profile_no INTEGER NOT NULL REFERENCES profiles (no),
    environment_no INTEGER NOT NULL REFERENCES environments (no),
    version_no INTEGER NOT NULL REFERENCES versions (no),
    name TEXT NOT NULL,                    -- its tag, or what a report calls it
    ident TEXT,
    batch TEXT,
    source TEXT NOT NULL,                  -- "analysis", "table"
    state TEXT NOT NULL,                   -- "finished", "failed"
    failure TEXT,                          -- of a failed one: why
    started_ns INTEGER,                    -- slot 0
    sort_ns INTEGER NOT NULL,              -- started_ns, else published_ns
    published_ns INTEGER NOT NULL,
    host_count INTEGER,
    block_count INTEGER,
    errors INTEGER NOT NULL,               -- findings of the analysis
    warnings INTEGER NOT NULL,
    info TEXT NOT NULL,                    -- JSON: free labels; nothing is decided by them
    revision INTEGER NOT NULL,             -- of info and of what else may change: 1, 2, ...
    UNIQUE (project_no, natural_key)
);
CREATE INDEX runs_by_start ON runs (sort_ns, no);
CREATE INDEX runs_by_series ON runs (series_no, sort_ns, no);
CREATE INDEX runs_by_project ON runs (project_no, sort_ns, no);
CREATE INDEX runs_by_version ON runs (version_no, sort_ns, no);
CREATE INDEX runs_by_profile ON runs (profile_no, sort_ns, no);
CREATE INDEX runs_by_environment ON runs (environment_no, sort_ns, no);
CREATE INDEX runs_by_publication ON runs (published_ns, no);
CREATE INDEX runs_of_project ON runs (project_no, no); -- as they came in: for their summaries
CREATE INDEX runs_of_series ON runs (series_no, no);

CREATE TABLE hosts (
    run_no INTEGER NOT NULL REFERENCES runs (no) ON DELETE CASCADE,
    place INTEGER NOT NULL,                -- from 0, in the order of the analysis
    name TEXT NOT NULL,
    PRIMARY KEY (run_no, place)
);

-- The dictionary, as far as runs have named it.
CREATE TABLE metrics (
    no {id},
    section TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,
    direction TEXT NOT NULL,               -- "less", "more", "none"
    description TEXT NOT NULL,
    UNIQUE (section, id)
);

CREATE TABLE summaries (
    run_no INTEGER NOT NULL REFERENCES runs (no) ON DELETE CASCADE,
    metric_no INTEGER NOT NULL REFERENCES metrics (no),
    n REAL,
    mean REAL,
    median REAL,
    sd REAL,
    low REAL,
    high REAL,
    text TEXT,                             -- of metrics that are texts: versions, dates
    reason TEXT,                           -- why there is no value
    quantiles BLOB,                        -- the standard ones, little-endian doubles
    PRIMARY KEY (run_no, metric_no)
);
CREATE INDEX summaries_by_metric ON summaries (metric_no, run_no);

CREATE TABLE host_values (
    run_no INTEGER NOT NULL REFERENCES runs (no) ON DELETE CASCADE,
    metric_no INTEGER NOT NULL REFERENCES metrics (no),
    data BLOB NOT NULL,                    -- per host place, n, mean, sd: little-endian doubles, Zstandard
    PRIMARY KEY (run_no, metric_no)
);

-- The value of each accepted block, NaN where it has none, in the order of the chain.
CREATE TABLE samples (
    run_no INTEGER NOT NULL REFERENCES runs (no) ON DELETE CASCADE,
    metric_no INTEGER NOT NULL REFERENCES metrics (no),
    chunk INTEGER NOT NULL,                -- of 4096 values each
    count INTEGER NOT NULL,
    data BLOB NOT NULL,                    -- little-endian doubles, Zstandard
    PRIMARY KEY (run_no, metric_no, chunk)
);

CREATE TABLE blocks (
    run_no INTEGER NOT NULL REFERENCES runs (no) ON DELETE CASCADE,
    place INTEGER NOT NULL,                -- from 0, as the values of samples
    number INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    forger TEXT,
    slot_start_s REAL,                     -- since slot 0
    PRIMARY KEY (run_no, place)
);

-- The files that a run was published with, whole.
CREATE TABLE artifacts (
    run_no INTEGER NOT NULL REFERENCES runs (no) ON DELETE CASCADE,
    name TEXT NOT NULL,                    -- "analysis.json", "meta.json"
    type TEXT NOT NULL,                    -- "application/json"
    sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    data BLOB NOT NULL,                    -- Zstandard
    PRIMARY KEY (run_no, name)
);
