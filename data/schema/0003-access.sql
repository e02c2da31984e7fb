-- Who may write, and who did.

CREATE TABLE tokens (
    no {id},
    id TEXT NOT NULL UNIQUE,               -- public: the token begins with it
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,                  -- JSON: ["read", "publish", "alerts", "admin"]
    project_no INTEGER REFERENCES projects (no) ON DELETE CASCADE,  -- NULL: all projects
    hash BLOB NOT NULL,                    -- BLAKE2b-256 of the secret half, which is random
    created_ns INTEGER NOT NULL,
    expires_ns INTEGER,
    revoked_ns INTEGER,
    used_ns INTEGER                        -- to the hour
);

CREATE TABLE audit (
    no {id},
    at_ns INTEGER NOT NULL,
    actor TEXT NOT NULL,                   -- a token's id, or "local" for programs that have the database itself
    action TEXT NOT NULL,                  -- "run.publish", "run.delete", "token.create"
    target TEXT NOT NULL,
    client TEXT,                           -- address
    request TEXT,                          -- id of the request, as in the access log
    detail TEXT                            -- JSON
);
CREATE INDEX audit_by_time ON audit (at_ns, no);

-- What all servers of this database have in common.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,        -- "server-key": what cursors are signed with
    value TEXT NOT NULL
);
