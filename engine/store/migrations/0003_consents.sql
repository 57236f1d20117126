-- Orders that obey their patient's opposition, and what an answer says of itself.

-- Number of the encounter; empty: none was sent.
ALTER TABLE documents ADD COLUMN episode TEXT NOT NULL DEFAULT '';

-- How far an opposition keeps it from leaving: patient, episode; NULL: it obeys none.
ALTER TABLE orders ADD COLUMN obeys TEXT;

-- 1: it leaves only once its patient is known not to oppose it.
ALTER TABLE orders ADD COLUMN needs_answer INTEGER NOT NULL DEFAULT 0;

-- State and cause an order was blocked in, and goes back to.
ALTER TABLE orders ADD COLUMN blocked_from TEXT;

ALTER TABLE orders ADD COLUMN blocked_cause TEXT NOT NULL DEFAULT '';

-- NULL: collected_at is the very instant.
ALTER TABLE consents ADD COLUMN collected_until INTEGER;

ALTER TABLE consents ADD COLUMN author TEXT NOT NULL DEFAULT '';

ALTER TABLE consents ADD COLUMN channel TEXT NOT NULL DEFAULT '';

-- 1: its message was read again, and another answer stands for this one.
ALTER TABLE consents ADD COLUMN replaced INTEGER NOT NULL DEFAULT 0;

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
