-- Documents that came with their numbers, deletions, receipts for senders, consents, mail notices.

ALTER TABLE documents ADD COLUMN kind TEXT NOT NULL DEFAULT 'send';

-- Canonical JSON of the Instructions; empty: the sender said nothing.
ALTER TABLE documents ADD COLUMN instructions TEXT NOT NULL DEFAULT '';

-- 1: its sender was told that it is refused, or asked for no news.
ALTER TABLE documents ADD COLUMN told INTEGER NOT NULL DEFAULT 0;

ALTER TABLE orders ADD COLUMN kind TEXT NOT NULL DEFAULT 'send';

-- Id of the order that a report tells of.
ALTER TABLE orders ADD COLUMN about TEXT NOT NULL DEFAULT '';

-- 1: the sender asked to be told how it ends and has not been; 2: it is arranged; 0: nothing was asked.
ALTER TABLE orders ADD COLUMN report INTEGER NOT NULL DEFAULT 0;

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
    recorded_at INTEGER NOT NULL
);

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
