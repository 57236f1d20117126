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
    findings, file_name, pack, created_at, kind, instructions, episode)
VALUES (:id, :message_id, :set_id, :number, :version, :type, :title, :status, :state, :patient_key, :content_hash,
    :findings, :file_name, :pack, :created_at, :kind, :instructions, :episode);

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
    updated_at, not_before, expires_at, due_at, kind, about, report, obeys, needs_answer)
VALUES (:id, :document_id, :set_id, :number, :destination, :recipient, :state, :cause, :awaits, :now,
    :now, :not_before, :expires_at, :due_at, :kind, :about, :report, :obeys, :needs_answer);

-- Earlier orders of a lane and recipient that have surely not left yet: a deletion takes their place.
-- name: earlier_orders_not_left
SELECT seq, id FROM orders
WHERE set_id = :set_id AND destination = :destination AND recipient = :recipient AND number < :number
  AND state IN ('deferred', 'ready', 'waiting', 'held', 'blocked');

-- How many earlier orders there are of a lane and recipient, and how many of them left or may have left.
-- name: earlier_orders
SELECT count(*) AS n, count(*) FILTER (WHERE state IN ('sending', 'uncertain', 'delivered')) AS gone FROM orders
WHERE set_id = :set_id AND destination = :destination AND recipient = :recipient AND number < :number;

-- Orders that ended, or are opposed, and of which the sender awaits news.
-- name: orders_to_report
SELECT o.*, d.instructions, m.source
FROM orders o INDEXED BY orders_to_report
JOIN documents d ON d.id = o.document_id JOIN messages m ON m.id = d.message_id
WHERE o.report = 1 AND o.state IN ('delivered', 'rejected', 'cancelled', 'superseded', 'blocked')
  AND (o.state <> 'blocked' OR o.cause = 'opposition')
ORDER BY o.seq LIMIT :limit;

-- Orders of the same message and destination as one, of which the sender asked for news: they are told together.
-- name: orders_told_together
SELECT o.* FROM orders a JOIN documents d ON d.id = a.document_id JOIN documents b ON b.message_id = d.message_id
JOIN orders o ON o.document_id = b.id
WHERE a.id = :id AND o.destination = a.destination AND o.kind <> 'report' AND o.report <> 0
ORDER BY o.seq;

-- Refused documents of which a sender may await news.
-- name: refused_to_tell
SELECT d.id, d.message_id, d.instructions, m.source
FROM documents d INDEXED BY documents_refused JOIN messages m ON m.id = d.message_id
WHERE d.told = 0 AND d.state = 'refused' AND d.instructions <> ''
ORDER BY d.seq LIMIT :limit;

-- News of a refused document are arranged.
-- name: mark_refusal_told
UPDATE documents SET told = 1 WHERE id = :id AND told = 0 AND state = 'refused';

-- What was told of a document that is made anew is told of the one in its place.
-- name: move_reports
UPDATE orders SET document_id = :id WHERE document_id = :old AND kind = 'report';

-- Documents of the same message as an order's that may not leave: held or refused.
-- name: documents_not_leaving
SELECT b.state, b.instructions FROM orders a JOIN documents d ON d.id = a.document_id
JOIN documents b ON b.message_id = d.message_id
WHERE a.id = :id AND b.state <> 'ready'
ORDER BY b.seq;

-- News of an order are arranged.
-- name: mark_reported
UPDATE orders SET report = 2
WHERE id = :id AND report = 1 AND state IN ('delivered', 'rejected', 'cancelled', 'superseded', 'blocked')
  AND (state <> 'blocked' OR cause = 'opposition');

-- Keep what a report tells.
-- name: insert_report_outcome
INSERT INTO report_outcomes (order_id, outcome) VALUES (:order_id, :outcome);

-- What a report tells.
-- name: report_outcome
SELECT outcome FROM report_outcomes WHERE order_id = :order_id;

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

-- Earlier versions that a person still holds back from the same recipient, or that were so before they were blocked.
-- name: earlier_unsent_orders
SELECT seq, id FROM orders
WHERE set_id = :set_id AND destination = :destination AND recipient = :recipient AND number < :number
  AND (state = 'held' OR (state = 'waiting' AND cause = 'identity')
    OR (state = 'blocked' AND (blocked_from = 'held' OR (blocked_from = 'waiting' AND blocked_cause = 'identity'))));

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
SET state = :state, held_from = :held_from, blocked_from = :blocked_from, blocked_cause = :blocked_cause,
    cause = :cause, next_at = :next_at, due_at = :due_at, not_before = :not_before, expires_at = :expires_at, uncertain = :uncertain, handed = 0, owner = NULL,
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
SELECT seq, id, cause, awaits, held_from, blocked_from, blocked_cause, not_before FROM orders
WHERE destination = :destination AND state = :state;

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
INSERT INTO consents (message_id, subject, answer, episode, collected_at, collected_until, recorded_at, author, channel)
VALUES (:message_id, :subject, :answer, :episode, :collected_at, :collected_until, :recorded_at, :author, :channel);

-- Link an answer to an identifier of its patient.
-- name: insert_consent_patient
INSERT INTO consent_patients (consent_seq, identifier) VALUES (:seq, :identifier);

-- When we had a message.
-- name: reception_of_message
SELECT received_at FROM messages WHERE id = :id;

-- What a message read before said of a subject, to be replaced by what it says now.
-- name: consents_of_message
SELECT seq FROM consents WHERE message_id = :message_id AND subject = :subject AND replaced = 0;

-- Another reading of the same message stands for this answer.
-- name: replace_consent
UPDATE consents SET replaced = 1 WHERE seq = :seq;

-- Identifiers of the patient who gave an answer.
-- name: consent_patients
SELECT identifier FROM consent_patients WHERE consent_seq = :seq ORDER BY identifier;

-- One answer.
-- name: consent
SELECT * FROM consents WHERE seq = :seq;

-- Answers, latest recorded first.
-- name: consents
SELECT * FROM consents WHERE replaced = 0 ORDER BY seq DESC LIMIT :limit;

-- Answers of the patient who bears an identifier.
-- name: answers_of_patient
SELECT c.* FROM consent_patients l CROSS JOIN consents c ON c.seq = l.consent_seq
WHERE l.identifier = :identifier AND c.replaced = 0;

-- Answers of the patient of a document, whatever identifiers link them.
-- name: answers_for_document
SELECT DISTINCT c.* FROM documents d CROSS JOIN document_patients p ON p.document_seq = d.seq
CROSS JOIN consent_patients l ON l.identifier = p.identifier CROSS JOIN consents c ON c.seq = l.consent_seq
WHERE d.id = :document_id AND c.replaced = 0;

-- The episode of care of a document.
-- name: episode_of_document
SELECT episode FROM documents WHERE id = :document_id;

-- Orders that obey the answers of the patient who bears an identifier.
-- name: obeying_orders
SELECT o.* FROM document_patients p CROSS JOIN documents d ON d.seq = p.document_seq
CROSS JOIN orders o ON o.document_id = d.id
WHERE p.identifier = :identifier AND o.obeys IS NOT NULL;

-- The order of a mail: its Message-ID is the reference of the receipt; the ENVID, or what stands before the @ of the
-- Message-ID, is the id of the order, known even where no receipt came.
-- name: order_of_mail
SELECT id, recipient, state FROM orders WHERE id = :order_id AND kind <> 'report'
UNION
SELECT id, recipient, state FROM orders WHERE reference = :mail AND reference <> '' AND kind <> 'report'
LIMIT 1;

-- Keep what a mail system said.
-- name: insert_mail_notice
INSERT INTO mail_notices (message_id, order_id, mail, what, positive, code, mailbox, at, recorded_at)
VALUES (:message_id, :order_id, :mail, :what, :positive, :code, :mailbox, :at, :now);

-- What mail systems said of our mails, and nobody was told yet.
-- name: notices_to_tell
SELECT n.seq AS notice_seq, n.mail, n.what, n.positive, n.code, n.mailbox, n.at, d.instructions, m.source, o.*
FROM mail_notices n INDEXED BY mail_notices_to_tell JOIN orders o ON o.id = n.order_id
JOIN documents d ON d.id = o.document_id JOIN messages m ON m.id = d.message_id
WHERE n.told = 0 AND n.order_id IS NOT NULL
ORDER BY n.seq LIMIT :limit;

-- One thing a mail system said.
-- name: mail_notice
SELECT * FROM mail_notices WHERE seq = :seq;

-- What a mail system said was told, or nobody asked.
-- name: mark_notice_told
UPDATE mail_notices SET told = 1 WHERE seq = :seq AND told = 0;

-- == callers of the API ==

-- Calls too old to be remembered.
-- name: forget_old_calls
DELETE FROM calls WHERE at < :before;

-- A call begins under its key, unless that key is known.
-- name: begin_call
INSERT INTO calls (caller, call_key, digest, at) VALUES (:caller, :call_key, :digest, :now)
ON CONFLICT (caller, call_key) DO NOTHING;

-- The call known by a key.
-- name: call
SELECT digest, status, answer FROM calls WHERE caller = :caller AND call_key = :call_key;

-- What a call was answered.
-- name: end_call
UPDATE calls SET status = :status, answer = :answer WHERE caller = :caller AND call_key = :call_key;

-- A call that changed nothing: its key is free again.
-- name: forget_call
DELETE FROM calls WHERE caller = :caller AND call_key = :call_key AND status IS NULL;

-- Whose document it is.
-- name: structure_of_document
SELECT d.id, w.structure FROM documents d LEFT JOIN document_owners w ON w.document_seq = d.seq WHERE d.id = :id;

-- Whose document an order sends.
-- name: structure_of_order
SELECT o.id, w.structure FROM orders o JOIN documents d ON d.id = o.document_id
LEFT JOIN document_owners w ON w.document_seq = d.seq WHERE o.id = :id;

-- Whose request a message is.
-- name: structure_of_message
SELECT id, iif(source IN ('documents', 'fhir'), nullif(sent_by, ''), NULL) AS structure FROM messages WHERE id = :id;

-- Where a document stands among all.
-- name: place_of_document
SELECT seq FROM documents WHERE id = :id;

-- The first document made at an instant or after.
-- name: first_document_since
SELECT seq FROM documents WHERE created_at >= :since ORDER BY created_at LIMIT 1;

-- Documents, latest first.
-- name: documents_listed
SELECT d.*, w.structure FROM documents d LEFT JOIN document_owners w ON w.document_seq = d.seq
WHERE d.seq < :below AND d.seq >= :above AND d.created_at >= :since AND d.created_at < :until
ORDER BY d.seq DESC LIMIT :limit;

-- Documents in a state, latest first.
-- name: documents_listed_in_state
SELECT d.*, w.structure FROM documents d INDEXED BY documents_by_state
LEFT JOIN document_owners w ON w.document_seq = d.seq
WHERE d.state = :state AND d.seq < :below AND d.seq >= :above AND d.created_at >= :since AND d.created_at < :until
ORDER BY d.seq DESC LIMIT :limit;

-- Documents of a structure, latest first.
-- name: documents_listed_of_structure
SELECT d.*, w.structure FROM document_owners w CROSS JOIN documents d ON d.seq = w.document_seq
WHERE w.structure = :structure AND w.document_seq < :below AND w.document_seq >= :above
  AND d.created_at >= :since AND d.created_at < :until AND (:state IS NULL OR d.state = :state)
ORDER BY w.document_seq DESC LIMIT :limit;

-- Every version of a report, and what was asked to delete it, latest first.
-- name: documents_of_set
SELECT d.*, w.structure FROM documents d LEFT JOIN document_owners w ON w.document_seq = d.seq
WHERE d.set_id = :set_id ORDER BY d.number DESC;

-- Orders of a structure's documents, of the latest documents first.
-- name: orders_of_structure
SELECT o.* FROM document_owners w CROSS JOIN documents d ON d.seq = w.document_seq
CROSS JOIN orders o ON o.document_id = d.id
WHERE w.structure = :structure AND (:state IS NULL OR o.state = :state)
  AND (:destination IS NULL OR o.destination = :destination)
ORDER BY w.document_seq DESC LIMIT :limit;

-- What happened since, oldest first, and to whose document.
-- name: events_since
SELECT e.seq, e.at, e.subject_id, e.what, e.detail,
    (SELECT id FROM documents WHERE id = e.subject_id) AS document_id,
    (SELECT id FROM orders WHERE id = e.subject_id) AS order_id,
    (SELECT id FROM messages WHERE id = e.subject_id) AS message_id,
    coalesce(
        (SELECT w.structure FROM documents d JOIN document_owners w ON w.document_seq = d.seq WHERE d.id = e.subject_id),
        (SELECT w.structure FROM orders o JOIN documents d ON d.id = o.document_id
            JOIN document_owners w ON w.document_seq = d.seq WHERE o.id = e.subject_id),
        (SELECT sent_by FROM messages WHERE id = e.subject_id AND source IN ('documents', 'fhir')), '') AS structure
FROM events e WHERE e.seq > :after ORDER BY e.seq LIMIT :limit;

-- The last thing that happened.
-- name: last_event
SELECT max(seq) FROM events;

-- == history runs ==

-- The last document kept.
-- name: last_document_place
SELECT max(seq) AS place FROM documents;

-- A run begins, unless another one of its destination has not ended.
-- name: insert_history_run
INSERT INTO history_runs (id, destination, state, dry, criteria, speed, created_at, updated_at, last_place, fed_until)
VALUES (:id, :destination, 'planning', :dry, :criteria, :speed, :now, :now, :last_place, :now)
ON CONFLICT DO NOTHING;

-- One run.
-- name: history_run
SELECT * FROM history_runs WHERE id = :id;

-- Runs, latest first.
-- name: history_runs
SELECT * FROM history_runs ORDER BY seq DESC LIMIT :limit;

-- Runs in a state, oldest first.
-- name: history_runs_in_state
SELECT * FROM history_runs WHERE state = :state ORDER BY seq;

-- What became of the documents a run looked at.
-- name: history_counts
SELECT outcome, n FROM history_counts WHERE run_seq = :run_seq AND n > 0;

-- Orders a run made, by state.
-- name: history_order_counts
SELECT state, n FROM history_order_counts WHERE run_seq = :run_seq AND n > 0;

-- Documents a run has not looked at yet, in the order they were kept.
-- name: history_documents
SELECT d.*, b.document, b.cda IS NOT NULL AS built, m.sender, w.structure
FROM documents d JOIN document_bodies b ON b.document_seq = d.seq JOIN messages m ON m.id = d.message_id
LEFT JOIN document_owners w ON w.document_seq = d.seq
WHERE d.seq > :cursor AND d.seq <= :last_place ORDER BY d.seq LIMIT :limit;

-- Documents a run feeds next, those of the oldest acts first.
-- name: history_next_documents
SELECT d.*, b.document, b.cda IS NOT NULL AS built, m.sender, w.structure
FROM history_items i CROSS JOIN documents d ON d.seq = i.document_seq
JOIN document_bodies b ON b.document_seq = d.seq JOIN messages m ON m.id = d.message_id
LEFT JOIN document_owners w ON w.document_seq = d.seq
WHERE i.run_seq = :run_seq ORDER BY i.act_at, i.document_seq LIMIT :limit;

-- The document at a place.
-- name: document_of_place
SELECT * FROM documents WHERE seq = :seq;

-- What was asked after one version of a report.
-- name: newer_versions
SELECT state, kind FROM documents WHERE set_id = :set_id AND number > :number ORDER BY number;

-- Orders of a document for one destination, by which it is or was sent there.
-- name: sendings_of_document
SELECT * FROM orders INDEXED BY orders_by_document
WHERE document_id = :document_id AND destination = :destination AND kind = 'send';

-- A run has looked at some documents more.
-- name: move_history_cursor
UPDATE history_runs SET cursor = :cursor, updated_at = :now
WHERE seq = :run_seq AND state = 'planning' AND cursor = :before;

-- A document that a run will feed.
-- name: insert_history_item
INSERT OR IGNORE INTO history_items (run_seq, act_at, document_seq) VALUES (:run_seq, :act_at, :document_seq);

-- A document that a run has done with.
-- name: delete_history_item
DELETE FROM history_items WHERE document_seq = :document_seq AND run_seq = :run_seq;

-- Whether a run has documents left to feed.
-- name: history_item_left
SELECT 1 FROM history_items WHERE run_seq = :run_seq LIMIT 1;

-- Count documents of a run under what became of them.
-- name: count_history
INSERT INTO history_counts (run_seq, outcome, n) VALUES (:run_seq, :outcome, :n)
ON CONFLICT (run_seq, outcome) DO UPDATE SET n = n + excluded.n;

-- An order that a run made, or made leave again after another run.
-- name: insert_history_order
INSERT OR REPLACE INTO history_orders (order_id, run_seq) VALUES (:order_id, :run_seq);

-- A run is moved on, or stands still.
-- name: change_history_run
UPDATE history_runs SET state = :state, paused_from = :paused_from, reason = :reason, updated_at = :now
WHERE seq = :run_seq;

-- How far the pace of a run is used.
-- name: pace_history_run
UPDATE history_runs SET fed_until = :fed_until, updated_at = :now WHERE seq = :run_seq;

-- How many orders a lane has to do with now or soon, deferred ones apart: those that wait for their link count as well.
-- name: lane_is_busy_with
SELECT count(*) AS n FROM (
    SELECT 1 FROM orders
    WHERE destination = :destination AND due_at IS NOT NULL AND due_at <= :soon AND state <> 'deferred' LIMIT :limit);
