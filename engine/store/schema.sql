-- What the store keeps, as it stands after every migration. Instants are microseconds since 1970-01-01T00:00Z.
-- Bodies lie apart from the rows that change, so that a change of state never rewrites a document.

-- A message as received, and what became of it.
CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,            -- sortable: the order of ids is the order of keeping
    digest BLOB NOT NULL UNIQUE,        -- SHA-256 of sender, content and attachments: the same again is a duplicate
    source TEXT NOT NULL,
    name TEXT NOT NULL,
    sent_by TEXT NOT NULL,              -- who sent it, as the source knows it
    media_type TEXT,
    received_at INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,        -- of the content, attachments apart
    sha256 TEXT NOT NULL,               -- of the content
    state TEXT NOT NULL,
    kind TEXT NOT NULL DEFAULT '',
    sender TEXT NOT NULL DEFAULT '',    -- who sent it, as the message says it
    findings TEXT NOT NULL DEFAULT '[]',
    attempts INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    due_at INTEGER,                     -- NULL: nothing to do; 0: in the queue; else when it enters it (next try, end of lease)
    next_at INTEGER,
    error TEXT NOT NULL DEFAULT ''
);

CREATE INDEX messages_due ON messages (due_at) WHERE due_at IS NOT NULL;

CREATE INDEX messages_by_state ON messages (state);

CREATE TABLE message_bodies (
    message_seq INTEGER PRIMARY KEY REFERENCES messages (seq),
    content BLOB NOT NULL
);

CREATE TABLE attachments (
    message_seq INTEGER NOT NULL REFERENCES messages (seq),
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (message_seq, position)
);

-- One version of a report, made from a message.
CREATE TABLE documents (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL REFERENCES messages (id),
    set_id TEXT NOT NULL,               -- canonical JSON of the Identifier
    number INTEGER NOT NULL,
    version TEXT NOT NULL,              -- canonical JSON of the DocumentVersion
    type TEXT NOT NULL,
    title TEXT NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    patient_key TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    findings TEXT NOT NULL,
    file_name TEXT NOT NULL,
    pack TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    kind TEXT NOT NULL DEFAULT 'send',
    instructions TEXT NOT NULL DEFAULT '', -- canonical JSON of the Instructions; empty: the sender said nothing
    told INTEGER NOT NULL DEFAULT 0,    -- 1: its sender was told that it is refused, or asked for no news
    episode TEXT NOT NULL DEFAULT '',   -- number of the encounter; empty: none was sent
    UNIQUE (set_id, number)
);

CREATE INDEX documents_by_message ON documents (message_id);

CREATE TABLE document_bodies (
    document_seq INTEGER PRIMARY KEY REFERENCES documents (seq) ON DELETE CASCADE,
    document TEXT NOT NULL,             -- canonical JSON of the ClinicalDocument
    cda BLOB,
    pdf BLOB
);

-- One document version for one destination and one recipient.
CREATE TABLE orders (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    document_id TEXT NOT NULL REFERENCES documents (id),
    set_id TEXT NOT NULL,               -- as in documents: versions leave in order
    number INTEGER NOT NULL,
    destination TEXT NOT NULL,
    recipient TEXT NOT NULL,
    state TEXT NOT NULL,
    held_from TEXT,                     -- state in which a person put it on hold
    awaits TEXT,                        -- cause it was made waiting for, until an event says that it is gone
    cause TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    not_before INTEGER,
    expires_at INTEGER,
    next_at INTEGER,
    due_at INTEGER,                     -- NULL: nothing to do; 0: in the queue; else when it enters it (window, next try, end of lease)
    owner TEXT,
    handed INTEGER NOT NULL DEFAULT 0,  -- the present try has passed mark_sending
    uncertain INTEGER NOT NULL DEFAULT 0, -- an earlier try may have been taken: ask the peer first
    reference TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT 'send',
    about TEXT NOT NULL DEFAULT '',     -- id of the order that a report tells of
    report INTEGER NOT NULL DEFAULT 0,  -- 1: the sender asked how it ends and was not told; 2: it is arranged; 0: nothing was asked
    obeys TEXT,                         -- how far an opposition keeps it from leaving: patient, episode; NULL: it obeys none
    needs_answer INTEGER NOT NULL DEFAULT 0, -- 1: it leaves only once its patient is known not to oppose it
    blocked_from TEXT,                  -- state in which it was blocked, and goes back to
    blocked_cause TEXT NOT NULL DEFAULT '',
    UNIQUE (set_id, destination, recipient, number)
);

CREATE INDEX orders_due ON orders (destination, due_at) WHERE due_at IS NOT NULL;

CREATE INDEX orders_expiring ON orders (destination, expires_at)
    WHERE expires_at IS NOT NULL AND uncertain = 0 AND state IN ('deferred', 'ready', 'waiting', 'sending');

CREATE INDEX orders_by_document ON orders (document_id);

CREATE INDEX orders_by_state ON orders (state);

CREATE INDEX orders_by_lane ON orders (destination, state);

CREATE INDEX orders_by_destination ON orders (destination);

-- Lanes that a person or a peer's general refusal has stopped, or stopped once.
CREATE TABLE lanes (
    destination TEXT PRIMARY KEY,
    stopped INTEGER NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER
);

-- History, never rewritten.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    subject_id TEXT NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE INDEX events_by_subject ON events (subject_id);

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN
    SELECT RAISE (ABORT, 'events are never rewritten');
END;

CREATE TRIGGER events_never_vanish BEFORE DELETE ON events
BEGIN
    SELECT RAISE (ABORT, 'events are never rewritten');
END;

-- Counts by state, kept beside the rows: reading them never scans a table.
CREATE TABLE message_counts (
    state TEXT PRIMARY KEY,
    n INTEGER NOT NULL
);

CREATE TABLE order_counts (
    destination TEXT NOT NULL,
    state TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (destination, state)
);

CREATE TRIGGER messages_count_new AFTER INSERT ON messages
BEGIN
    INSERT INTO message_counts (state, n) VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER messages_count_change AFTER UPDATE OF state ON messages WHEN old.state <> new.state
BEGIN
    UPDATE message_counts SET n = n - 1 WHERE state = old.state;
    INSERT INTO message_counts (state, n) VALUES (new.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER orders_count_new AFTER INSERT ON orders
BEGIN
    INSERT INTO order_counts (destination, state, n) VALUES (new.destination, new.state, 1)
        ON CONFLICT (destination, state) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER orders_count_change AFTER UPDATE OF state ON orders WHEN old.state <> new.state
BEGIN
    UPDATE order_counts SET n = n - 1 WHERE destination = old.destination AND state = old.state;
    INSERT INTO order_counts (destination, state, n) VALUES (new.destination, new.state, 1)
        ON CONFLICT (destination, state) DO UPDATE SET n = n + 1;
END;

-- Orders of which a sender awaits news.
CREATE INDEX orders_to_report ON orders (report, seq)
    WHERE report = 1 AND state IN ('delivered', 'rejected', 'cancelled', 'superseded', 'blocked');

-- The end of an order was told, and it comes back to life (sent again, no longer opposed): its next end is told as well.
CREATE TRIGGER orders_told_again AFTER UPDATE OF state ON orders
WHEN old.report = 2 AND old.state IN ('delivered', 'rejected', 'cancelled', 'superseded', 'blocked')
    AND new.state NOT IN ('delivered', 'rejected', 'cancelled', 'superseded', 'blocked')
BEGIN
    UPDATE orders SET report = 1 WHERE seq = new.seq;
END;

-- Refused documents of which a sender may await news.
CREATE INDEX documents_refused ON documents (told, seq) WHERE told = 0 AND state = 'refused' AND instructions <> '';

-- What a report tells: the end of an order as it was when the report was made, so that its bytes never change.
CREATE TABLE report_outcomes (
    order_id TEXT PRIMARY KEY,          -- of the report
    outcome TEXT NOT NULL               -- canonical JSON of the OrderOutcome
) WITHOUT ROWID;

-- Every identifier of the patient of a document, the INS included.
CREATE TABLE document_patients (
    document_seq INTEGER NOT NULL REFERENCES documents (seq) ON DELETE CASCADE,
    identifier TEXT NOT NULL,
    PRIMARY KEY (document_seq, identifier)
) WITHOUT ROWID;

CREATE INDEX documents_by_patient ON document_patients (identifier);

-- Answers of patients, never rewritten: the latest collected one holds.
CREATE TABLE consents (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    answer TEXT NOT NULL,
    episode TEXT NOT NULL,
    collected_at INTEGER,               -- NULL: the sender did not say
    recorded_at INTEGER NOT NULL,
    collected_until INTEGER,            -- NULL: collected_at is the very instant
    author TEXT NOT NULL DEFAULT '',
    channel TEXT NOT NULL DEFAULT '',
    replaced INTEGER NOT NULL DEFAULT 0 -- 1: its message was read again, and another answer stands for this one
);

CREATE INDEX consents_by_message ON consents (message_id);

CREATE TRIGGER consents_never_change
BEFORE UPDATE OF message_id, subject, answer, episode, collected_at, collected_until, recorded_at, author, channel
ON consents
BEGIN
    SELECT RAISE (ABORT, 'answers are never rewritten');
END;

CREATE TRIGGER consents_never_vanish BEFORE DELETE ON consents
BEGIN
    SELECT RAISE (ABORT, 'answers are never rewritten');
END;

CREATE TABLE consent_patients (
    consent_seq INTEGER NOT NULL REFERENCES consents (seq),
    identifier TEXT NOT NULL,
    PRIMARY KEY (consent_seq, identifier)
) WITHOUT ROWID;

CREATE INDEX consents_by_patient ON consent_patients (identifier);

-- What mail systems said of mails that we sent.
CREATE TABLE mail_notices (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,           -- of ours, that brought the notice
    order_id TEXT,                      -- NULL: of no mail that we know
    mail TEXT NOT NULL,                 -- Message-ID or ENVID
    what TEXT NOT NULL,                 -- dsn, mdn
    positive INTEGER NOT NULL,
    code TEXT NOT NULL,
    mailbox TEXT NOT NULL,
    at INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    told INTEGER NOT NULL DEFAULT 0     -- 1: who sent the mail was told of it, or asked for no news
);

CREATE INDEX mail_notices_by_order ON mail_notices (order_id);

CREATE INDEX mail_notices_to_tell ON mail_notices (told, seq) WHERE told = 0 AND order_id IS NOT NULL;

CREATE INDEX orders_by_reference ON orders (reference) WHERE reference <> '';

-- Calls answered once for all: the same key gives the same answer.
CREATE TABLE calls (
    caller TEXT NOT NULL,               -- name of the API key
    call_key TEXT NOT NULL,
    digest BLOB NOT NULL,               -- SHA-256 of what was asked
    at INTEGER NOT NULL,
    status INTEGER,                     -- NULL: not answered yet
    answer TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (caller, call_key)
) WITHOUT ROWID;

CREATE INDEX calls_by_age ON calls (at);

-- Structure whose software asked for a document; none for a document made of a message.
CREATE TABLE document_owners (
    document_seq INTEGER PRIMARY KEY REFERENCES documents (seq) ON DELETE CASCADE,
    structure TEXT NOT NULL
);

CREATE INDEX documents_by_structure ON document_owners (structure, document_seq);

CREATE TRIGGER documents_owned AFTER INSERT ON documents
BEGIN
    INSERT INTO document_owners (document_seq, structure)
        SELECT new.seq, sent_by FROM messages WHERE id = new.message_id AND source IN ('documents', 'fhir') AND sent_by <> '';
END;

CREATE INDEX documents_by_state ON documents (state);

CREATE INDEX documents_by_age ON documents (created_at);

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
