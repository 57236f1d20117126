-- Calls that bear an Idempotency-Key, and whose document it is.

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

INSERT INTO document_owners (document_seq, structure)
    SELECT d.seq, m.sent_by FROM documents d JOIN messages m ON m.id = d.message_id
    WHERE m.source IN ('documents', 'fhir') AND m.sent_by <> '';

CREATE INDEX documents_by_state ON documents (state);

CREATE INDEX documents_by_age ON documents (created_at);
