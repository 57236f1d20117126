-- Historic catch-up: documents kept for long leave for a destination that never had them.

-- A catch-up of one destination.
CREATE TABLE history_runs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    destination TEXT NOT NULL,
    state TEXT NOT NULL,
    paused_from TEXT,                   -- state it goes back to
    reason TEXT NOT NULL DEFAULT '',    -- why it is paused, when nobody asked
    dry INTEGER NOT NULL,               -- 1: it only counts
    criteria TEXT NOT NULL,             -- canonical JSON of the Criteria
    speed TEXT NOT NULL,                -- canonical JSON of the Speed
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    cursor INTEGER NOT NULL DEFAULT 0,  -- place of the last document looked at
    last_place INTEGER NOT NULL,        -- place of the last document kept when it began: later ones are fresh
    fed_until INTEGER NOT NULL          -- instant up to which its pace is used
);

-- One run at a time for each destination.
CREATE UNIQUE INDEX history_runs_alone ON history_runs (destination) WHERE state IN ('planning', 'running', 'paused');

CREATE INDEX history_runs_by_state ON history_runs (state);

-- Documents that a run still has to feed.
CREATE TABLE history_items (
    run_seq INTEGER NOT NULL REFERENCES history_runs (seq),
    act_at INTEGER NOT NULL,            -- the oldest act leaves first
    document_seq INTEGER NOT NULL REFERENCES documents (seq) ON DELETE CASCADE,
    PRIMARY KEY (run_seq, act_at, document_seq)
) WITHOUT ROWID;

CREATE INDEX history_items_by_document ON history_items (document_seq);

-- What became of the documents that a run looked at.
CREATE TABLE history_counts (
    run_seq INTEGER NOT NULL REFERENCES history_runs (seq),
    outcome TEXT NOT NULL,              -- eligible, ordered, or why not
    n INTEGER NOT NULL,
    PRIMARY KEY (run_seq, outcome)
) WITHOUT ROWID;

-- Orders that a run made, and how many of them are in each state.
CREATE TABLE history_orders (
    order_id TEXT PRIMARY KEY,
    run_seq INTEGER NOT NULL REFERENCES history_runs (seq)
) WITHOUT ROWID;

CREATE TABLE history_order_counts (
    run_seq INTEGER NOT NULL REFERENCES history_runs (seq),
    state TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (run_seq, state)
) WITHOUT ROWID;

CREATE TRIGGER history_orders_new AFTER INSERT ON history_orders
BEGIN
    INSERT INTO history_order_counts (run_seq, state, n) SELECT new.run_seq, state, 1 FROM orders WHERE id = new.order_id
        ON CONFLICT (run_seq, state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER history_orders_change AFTER UPDATE OF state ON orders WHEN old.state <> new.state
BEGIN
    UPDATE history_order_counts SET n = n - 1
        WHERE state = old.state AND run_seq = (SELECT run_seq FROM history_orders WHERE order_id = new.id);
    INSERT INTO history_order_counts (run_seq, state, n)
        SELECT run_seq, new.state, 1 FROM history_orders WHERE order_id = new.id
        ON CONFLICT (run_seq, state) DO UPDATE SET n = n + 1;
END;
