-- Every statement the store makes on SQLite, by name; a sentence above each says what it is for.

-- == messages ==

-- Keep a message, unless the same bytes came before from the same sender.
-- name: insert_message
INSERT INTO messages (id, digest, source, name, sent_by, media_type, received_at, size_bytes, sha256, state, due_at)
VALUES (:id, :digest, :source, :name, :sent_by, :media_type, :received_at, :size_bytes, :sha256, 'received', 0)
ON CONFLICT (digest) DO NOTHING;

-- The message that came before with the same bytes.
-- name: message_of_digest
SELECT id FROM messages WHERE digest = :digest;

-- Keep the bytes of a message.
-- name: insert_message_body
INSERT INTO message_bodies (message_seq, content) VALUES (:seq, :content);

-- Keep a file that came beside a message.
-- name: insert_attachment
INSERT INTO attachments (message_seq, position, name, content) VALUES (:seq, :position, :name, :content);

-- The highest id given so far; the next one lies above it.
-- name: last_message_id
SELECT max(id) FROM messages;

-- Postponed messages whose time has come and leases that are over enter the queue.
-- name: queue_messages
UPDATE messages SET due_at = 0 WHERE due_at > 0 AND due_at <= :now;

-- The oldest messages of the queue.
-- name: queued_messages
SELECT seq, id, attempts FROM messages WHERE due_at = 0 ORDER BY seq LIMIT :limit;

-- A worker takes a message.
-- name: lease_message
UPDATE messages
SET state = 'converting', owner = :owner, attempts = attempts + 1, due_at = :lease_until, next_at = NULL
WHERE seq = :seq;

-- A message that this worker still holds.
-- name: leased_message
SELECT seq, id FROM messages WHERE id = :id AND owner = :owner AND state = 'converting';

-- What became of a message.
-- name: settle_message
UPDATE messages
SET state = :state, kind = :kind, sender = :sender, findings = :findings, owner = NULL, due_at = NULL, next_at = NULL,
    error = ''
WHERE seq = :seq;

-- A message is put back for later.
-- name: postpone_message
UPDATE messages SET state = 'postponed', owner = NULL, due_at = :next_at, next_at = :next_at, error = :error
WHERE seq = :seq;

-- A kept message enters the queue again, whoever held it.
-- name: replay_message
UPDATE messages SET state = 'received', owner = NULL, due_at = 0, next_at = NULL, error = '' WHERE id = :id;

-- A message of which every document may leave by now is no longer held.
-- name: message_no_longer_held
UPDATE messages SET state = 'converted'
WHERE id = :id AND state = 'held'
  AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.message_id = messages.id AND d.state <> 'ready');

-- One message.
-- name: message
SELECT * FROM messages WHERE id = :id;

-- The bytes of a message.
-- name: message_body
SELECT m.*, b.content FROM messages m JOIN message_bodies b ON b.message_seq = m.seq WHERE m.id = :id;

-- The files that came beside a message, in order.
-- name: message_attachments
SELECT name, content FROM attachments WHERE message_seq = :seq ORDER BY position;

-- Messages, latest first.
-- name: messages
SELECT * FROM messages ORDER BY seq DESC LIMIT :limit;

-- Messages before one, latest first.
-- name: messages_before
SELECT * FROM messages WHERE seq < (SELECT seq FROM messages WHERE id = :before) ORDER BY seq DESC LIMIT :limit;

-- Messages in a state, latest first.
-- name: messages_in_state
SELECT * FROM messages WHERE state = :state ORDER BY seq DESC LIMIT :limit;

-- Messages in a state before one, latest first.
-- name: messages_in_state_before
SELECT * FROM messages WHERE state = :state AND seq < (SELECT seq FROM messages WHERE id = :before)
ORDER BY seq DESC LIMIT :limit;

-- How many messages are in each state.
-- name: message_counts
SELECT state, n FROM message_counts WHERE n > 0;

-- == documents ==

-- Documents that already hold the id, or the version number, of a new one.
-- name: documents_in_place
SELECT seq, id, message_id, state FROM documents WHERE id = :id
UNION
SELECT seq, id, message_id, state FROM documents WHERE set_id = :set_id AND number = :number;

-- A document that is made anew leaves its place.
-- name: delete_document
DELETE FROM documents WHERE seq = :seq;

-- Keep a document version.
-- name: insert_document
INSERT INTO documents (id, message_id, set_id, number, version, type, title, status, state, patient_key, content_hash,
    findings, file_name, pack, created_at, kind, instructions)
VALUES (:id, :message_id, :set_id, :number, :version, :type, :title, :status, :state, :patient_key, :content_hash,
    :findings, :file_name, :pack, :created_at, :kind, :instructions);

-- Link a document to an identifier of its patient.
-- name: insert_document_patient
INSERT OR IGNORE INTO document_patients (document_seq, identifier) VALUES (:seq, :identifier);

-- Keep the canonical document and the files made of it.
-- name: insert_document_body
INSERT INTO document_bodies (document_seq, document, cda, pdf) VALUES (:seq, :document, :cda, :pdf);

-- A held document may leave.
-- name: release_document
UPDATE documents SET state = 'ready' WHERE id = :id AND state = 'held';

-- The latest version kept of a report, those of one message left aside.
-- name: latest_version
SELECT d.*, b.document FROM documents d JOIN document_bodies b ON b.document_seq = d.seq
WHERE d.set_id = :set_id AND d.message_id <> :excluding ORDER BY d.number DESC LIMIT 1;

-- The latest version of a report that may leave, or has left, those of one message left aside.
-- name: latest_ready_version
SELECT d.*, b.document FROM documents d JOIN document_bodies b ON b.document_seq = d.seq
WHERE d.set_id = :set_id AND d.message_id <> :excluding AND d.state = 'ready' ORDER BY d.number DESC LIMIT 1;

-- One document.
-- name: document
SELECT * FROM documents WHERE id = :id;

-- Documents of a message, in the order they were made.
-- name: documents_of_message
SELECT * FROM documents WHERE message_id = :message_id ORDER BY seq;

-- The files of a document, as they leave.
-- name: document_files
SELECT b.cda, b.pdf FROM documents d JOIN document_bodies b ON b.document_seq = d.seq WHERE d.id = :id;

-- Whoever was converting a message is dead: this engine alone has the file. That death is no try of the message.
-- name: messages_of_the_dead
UPDATE messages SET due_at = 0, attempts = attempts - 1 WHERE state = 'converting' AND due_at > 0;

-- == orders ==

-- Keep an order.
-- name: insert_order
INSERT INTO orders (id, document_id, set_id, number, destination, recipient, state, cause, awaits, created_at,
    updated_at, not_before, expires_at, due_at, kind, about, report)
VALUES (:id, :document_id, :set_id, :number, :destination, :recipient, :state, :cause, :awaits, :now,
    :now, :not_before, :expires_at, :due_at, :kind, :about, :report);

-- Earlier orders of a lane and recipient that have surely not left yet: a deletion takes their place.
-- name: earlier_orders_not_left
SELECT seq, id FROM orders
WHERE set_id = :set_id AND destination = :destination AND recipient = :recipient AND number < :number
  AND state IN ('deferred', 'ready', 'waiting', 'held', 'blocked');

-- How many earlier orders there are of a lane and recipient, and how many of them left or may have left.
-- name: earlier_orders
SELECT count(*) AS n, count(*) FILTER (WHERE state IN ('sending', 'uncertain', 'delivered')) AS gone FROM orders
WHERE set_id = :set_id AND destination = :destination AND recipient = :recipient AND number < :number;

-- Orders that ended and of which the sender awaits news.
-- name: orders_to_report
SELECT o.*, d.instructions, m.source
FROM orders o INDEXED BY orders_to_report
JOIN documents d ON d.id = o.document_id JOIN messages m ON m.id = d.message_id
WHERE o.report = 1 AND o.state IN ('delivered', 'rejected', 'cancelled', 'superseded')
ORDER BY o.seq LIMIT :limit;

-- News of an order are arranged.
-- name: mark_reported
UPDATE orders SET report = 2 WHERE id = :id AND report = 1;

-- A later version that left, or may have left, for the same recipient: an older one must not follow it.
-- name: later_version_sent
SELECT 1 FROM orders
WHERE set_id = :set_id AND destination = :destination AND recipient = :recipient AND number > :number
  AND state IN ('sending', 'uncertain', 'delivered')
LIMIT 1;

-- A later version that left or will leave for the same recipient.
-- name: later_version
SELECT 1 FROM orders
WHERE set_id = :set_id AND destination = :destination AND recipient = :recipient AND number > :number
  AND state NOT IN ('rejected', 'cancelled', 'superseded')
LIMIT 1;

-- Earlier versions that a person still holds back from the same recipient.
-- name: earlier_unsent_orders
SELECT seq, id FROM orders
WHERE set_id = :set_id AND destination = :destination AND recipient = :recipient AND number < :number
  AND (state = 'held' OR (state = 'waiting' AND cause = 'identity'));

-- Orders whose window, pause or lease is over enter the queue of their lane.
-- name: queue_orders
UPDATE orders SET due_at = 0 WHERE destination = :destination AND due_at > 0 AND due_at <= :now;

-- Whoever held an order is dead: this engine alone has the file.
-- name: orders_of_the_dead
UPDATE orders SET due_at = 0 WHERE state = 'sending' AND due_at > 0;

-- Orders past their maximum age that surely were not taken by the peer.
-- name: expired_orders
SELECT seq, id FROM orders
WHERE destination = :destination AND expires_at <= :now AND uncertain = 0
  AND state IN ('deferred', 'ready', 'waiting', 'sending')
  AND (state <> 'sending' OR (due_at = 0 AND handed = 0))
ORDER BY expires_at LIMIT :limit;

-- An order is too old.
-- name: expire_order
UPDATE orders
SET state = 'rejected', cause = :cause, owner = NULL, due_at = NULL, next_at = NULL, handed = 0, updated_at = :now
WHERE seq = :seq;

-- The oldest orders of a lane's queue, none before an earlier version of the same report is done with.
-- name: queued_orders
SELECT o.seq, o.id, o.attempts, max(o.uncertain, o.handed) AS uncertain FROM orders o
WHERE o.destination = :destination AND o.due_at = 0
  AND (o.expires_at IS NULL OR o.expires_at > :now OR o.uncertain = 1 OR o.handed = 1)
  AND NOT EXISTS (
    SELECT 1 FROM orders e
    WHERE e.set_id = o.set_id AND e.destination = o.destination AND e.recipient = o.recipient AND e.number < o.number
      AND e.state NOT IN ('delivered', 'rejected', 'cancelled', 'superseded'))
ORDER BY o.seq LIMIT :limit;

-- A worker takes an order; a try that was handed over and never ended leaves it uncertain.
-- name: lease_order
UPDATE orders
SET state = 'sending', owner = :owner, attempts = attempts + 1, uncertain = max(uncertain, handed), handed = 0,
    due_at = :lease_until, next_at = NULL, cause = '', updated_at = :now
WHERE seq = :seq;

-- An order under lease, with what a destination needs to send it.
-- name: claimed_order
SELECT o.*, d.version, d.type, d.title, d.file_name, d.instructions, b.document, b.cda, b.pdf
FROM orders o JOIN documents d ON d.id = o.document_id JOIN document_bodies b ON b.document_seq = d.seq
WHERE o.seq = :seq;

-- The latest earlier version that the same recipient took there.
-- name: prior_delivery
SELECT d.version, o.reference FROM orders o JOIN documents d ON d.id = o.document_id
WHERE o.set_id = :set_id AND o.destination = :destination AND o.recipient = :recipient AND o.number < :number
  AND o.state = 'delivered' AND o.kind = 'send'
ORDER BY o.number DESC LIMIT 1;

-- The present try is about to hand the document over, and its lease still runs.
-- name: mark_sending
UPDATE orders SET handed = 1, updated_at = :now
WHERE id = :id AND owner = :owner AND state = 'sending' AND due_at > :now;

-- A worker is still at it.
-- name: extend_lease
UPDATE orders SET due_at = :lease_until WHERE id = :id AND owner = :owner AND state = 'sending';

-- An order changes state; whoever held it holds it no more.
-- name: change_order
UPDATE orders
SET state = :state, held_from = :held_from, cause = :cause, next_at = :next_at, due_at = :due_at,
    not_before = :not_before, expires_at = :expires_at, uncertain = :uncertain, handed = 0, owner = NULL,
    reference = :reference, detail = :detail, updated_at = :now
WHERE seq = :seq;

-- A newer version takes the place of a held order.
-- name: supersede_order
UPDATE orders SET state = 'superseded', due_at = NULL, next_at = NULL, updated_at = :now WHERE seq = :seq;

-- One order.
-- name: order
SELECT * FROM orders WHERE id = :id;

-- Orders of a document, in the order they were made.
-- name: orders_of_document
SELECT * FROM orders WHERE document_id = :document_id ORDER BY seq;

-- Orders, latest first.
-- name: orders
SELECT * FROM orders ORDER BY seq DESC LIMIT :limit;

-- Orders in a state, latest first.
-- name: orders_in_state
SELECT * FROM orders WHERE state = :state ORDER BY seq DESC LIMIT :limit;

-- Orders of a destination, latest first.
-- name: orders_of_destination
SELECT * FROM orders WHERE destination = :destination ORDER BY seq DESC LIMIT :limit;

-- Orders of a destination in a state, latest first.
-- name: orders_of_destination_in_state
SELECT * FROM orders WHERE destination = :destination AND state = :state ORDER BY seq DESC LIMIT :limit;

-- == lanes ==

-- A lane stops; since when, it keeps from the first time.
-- name: stop_lane
INSERT INTO lanes (destination, stopped, reason, since) VALUES (:destination, 1, :reason, :now)
ON CONFLICT (destination) DO UPDATE
SET since = CASE WHEN stopped THEN since ELSE excluded.since END, stopped = 1, reason = excluded.reason;

-- A lane opens again.
-- name: start_lane
UPDATE lanes SET stopped = 0, reason = '', since = NULL WHERE destination = :destination AND stopped = 1;

-- Whether a lane is stopped.
-- name: stopped_lane
SELECT 1 FROM lanes WHERE destination = :destination AND stopped = 1;

-- Orders of a lane that wait, in a state.
-- name: waiting_orders
SELECT seq, id, cause, awaits, held_from, not_before FROM orders WHERE destination = :destination AND state = :state;

-- A waiting order becomes due, or will when it is no longer held.
-- name: wake_order
UPDATE orders SET awaits = NULL, next_at = :next_at, due_at = :due_at, updated_at = :now WHERE seq = :seq;

-- An order that could leave now.
-- name: first_queued_order
SELECT o.created_at AS due FROM orders o
WHERE o.destination = :destination AND o.due_at = 0
  AND NOT EXISTS (
    SELECT 1 FROM orders e
    WHERE e.set_id = o.set_id AND e.destination = o.destination AND e.recipient = o.recipient AND e.number < o.number
      AND e.state NOT IN ('delivered', 'rejected', 'cancelled', 'superseded'))
ORDER BY o.seq LIMIT 1;

-- The next order whose window, pause or lease will be over, and that no earlier version keeps back.
-- name: next_timed_order
SELECT o.due_at AS due FROM orders o
WHERE o.destination = :destination AND o.due_at > 0
  AND NOT EXISTS (
    SELECT 1 FROM orders e
    WHERE e.set_id = o.set_id AND e.destination = o.destination AND e.recipient = o.recipient AND e.number < o.number
      AND e.state NOT IN ('delivered', 'rejected', 'cancelled', 'superseded'))
ORDER BY o.due_at LIMIT 1;

-- The next order that will be too old; to notice it is something to do as well.
-- name: next_expiring_order
SELECT expires_at AS due FROM orders
WHERE destination = :destination AND expires_at IS NOT NULL AND uncertain = 0
  AND state IN ('deferred', 'ready', 'waiting', 'sending') AND state <> 'sending'
ORDER BY expires_at LIMIT 1;

-- Lanes that were stopped once.
-- name: lanes
SELECT destination, stopped, reason, since FROM lanes;

-- How many orders of each lane are in each state.
-- name: order_counts
SELECT destination, state, n FROM order_counts ORDER BY destination, state;

-- == history ==

-- Write one line of history.
-- name: insert_event
INSERT INTO events (at, subject_id, what, detail) VALUES (:at, :subject_id, :what, :detail);

-- History of a message, a document, an order or a lane, oldest first.
-- name: events
SELECT at, subject_id, what, detail FROM events WHERE subject_id = :subject_id ORDER BY seq;

-- == consents and mail notices ==

-- Keep an answer of a patient.
-- name: insert_consent
INSERT INTO consents (message_id, subject, answer, episode, collected_at, recorded_at)
VALUES (:message_id, :subject, :answer, :episode, :collected_at, :now);

-- Link an answer to an identifier of its patient.
-- name: insert_consent_patient
INSERT INTO consent_patients (consent_seq, identifier) VALUES (:seq, :identifier);

-- The order of the mail that bears a Message-ID: the reference of its receipt.
-- name: order_of_mail
SELECT id FROM orders WHERE reference = :mail AND reference <> '' AND kind <> 'report';

-- Keep what a mail system said.
-- name: insert_mail_notice
INSERT INTO mail_notices (message_id, order_id, mail, what, positive, code, mailbox, at, recorded_at)
VALUES (:message_id, :order_id, :mail, :what, :positive, :code, :mailbox, :at, :now);
