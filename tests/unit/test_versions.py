"""Which version a draft becomes: nothing twice, nothing older over newer, never two patients in one report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.declarations import Draft
from engine.exchange import OrderKind
from engine.findings import Disposition
from engine.model.document import ClinicalDocument, DocumentVersion, ReportStatus, TextBody
from engine.model.values import Identifier, Timestamp
from engine.records import DocumentState, History, PriorVersion
from engine.versions import Plan, plan
from tests.unit.documents_fixture import DOCUMENT

SET = Identifier("2.25.1")
INSTANCE = "1.2.250.1.999.9"


def draft(
    document: ClinicalDocument = DOCUMENT, status: ReportStatus = ReportStatus.FINAL, patient: str = "p"
) -> Draft:
    return Draft(SET, status, document, patient_key=patient)


def kept(
    number: int = 1,
    message: str = "001",
    state: DocumentState = DocumentState.READY,
    document: ClinicalDocument = DOCUMENT,
    patient: str = "p",
) -> PriorVersion:
    first = plan(draft(), History(), "000", INSTANCE).version
    assert first is not None
    return PriorVersion(
        "d",
        message,
        replace(first, number=number),
        state,
        ReportStatus.FINAL,
        patient,
        _hash(document),
        document,
    )


def _hash(document: ClinicalDocument) -> str:
    return plan(draft(document), History(), "000", INSTANCE).content_hash


def after(latest: PriorVersion) -> History:
    return History(latest, latest if latest.state is DocumentState.READY else None)


def other(words: str) -> ClinicalDocument:
    return replace(DOCUMENT, body=TextBody((words,)))


def dispositions(planned: Plan) -> set[Disposition]:
    return {finding.disposition for finding in planned.findings}


def test_the_first_message_of_a_report_makes_version_one_which_replaces_nothing() -> None:
    planned = plan(draft(), History(), "001", INSTANCE)
    assert planned.version is not None
    assert (planned.version.number, planned.version.replaces, planned.findings) == (1, None, ())


def test_numbers_do_not_depend_on_the_day() -> None:
    assert plan(draft(), History(), "001", INSTANCE) == plan(draft(), History(), "001", INSTANCE)
    assert plan(draft(), History(), "001", INSTANCE).version != plan(draft(), History(), "001", "1.2.3").version


def test_the_same_content_makes_no_new_version() -> None:
    planned = plan(draft(), after(kept()), "002", INSTANCE)
    assert planned.version is None
    assert [finding.code for finding in planned.findings] == ["line.unchanged"]


def test_the_same_content_made_at_another_hour_is_the_same() -> None:
    later = Timestamp("20250311080000+0100")
    again = replace(
        DOCUMENT,
        created_at=later,
        authors=(replace(DOCUMENT.authors[0], time=later),),
        legal_authenticator=replace(DOCUMENT.legal_authenticator, time=later),
        act=replace(DOCUMENT.act, start=later),
        encounter=replace(DOCUMENT.encounter, start=later),
    )
    first = plan(draft(), History(), "001", INSTANCE)
    assert plan(draft(again), History(), "002", INSTANCE).content_hash == first.content_hash


def test_new_content_replaces_the_version_before_and_completes_it() -> None:
    before = kept()
    planned = plan(draft(other("b"), ReportStatus.CORRECTED), after(before), "002", INSTANCE)
    assert planned.version is not None
    assert (planned.version.number, planned.version.replaces) == (2, before.version.id)
    assert planned.previous == DOCUMENT
    assert planned.version.set_id == before.version.set_id


def test_a_message_older_than_the_latest_version_never_becomes_the_newest() -> None:
    planned = plan(draft(other("b")), after(kept(message="009")), "002", INSTANCE)
    assert planned.version is None
    assert [finding.code for finding in planned.findings] == ["line.newer_version_exists"]


def test_a_correction_after_a_refused_one_completes_the_last_that_could_leave() -> None:
    left, refused = kept(), kept(number=2, message="002", state=DocumentState.REFUSED, document=other("b"))
    planned = plan(draft(other("c"), ReportStatus.CORRECTED), History(refused, left), "003", INSTANCE)
    assert planned.version is not None
    assert (planned.version.number, planned.version.replaces, planned.previous) == (3, left.version.id, DOCUMENT)


def test_a_report_that_changes_patient_is_held_and_completes_nothing() -> None:
    planned = plan(draft(other("b"), patient="q"), after(kept()), "002", INSTANCE)
    assert planned.previous is None
    assert dispositions(planned) == {Disposition.HOLD}


def test_a_correction_of_a_report_never_received_is_held() -> None:
    planned = plan(draft(status=ReportStatus.CORRECTED), History(), "001", INSTANCE)
    assert dispositions(planned) == {Disposition.HOLD}


@pytest.mark.parametrize(
    ("status", "expected"), [(ReportStatus.CORRECTED, {Disposition.HOLD}), (ReportStatus.FINAL, set[Disposition]())]
)
def test_a_version_that_never_left_is_not_replaced(status: ReportStatus, expected: set[Disposition]) -> None:
    planned = plan(draft(other("b"), status), after(kept(state=DocumentState.HELD)), "002", INSTANCE)
    assert planned.version is not None
    assert (planned.version.number, planned.version.replaces, planned.previous) == (2, None, None)
    assert dispositions(planned) == expected


# -- documents that come with their numbers ---------------------------------------------------------------------------


def numbered(
    own: str = "2.25.10", replaces: str | None = None, kind: OrderKind = OrderKind.SEND, words: str = "a"
) -> Draft:
    version = DocumentVersion(Identifier(own), SET, 1, Identifier(replaces) if replaces else None)
    return Draft(SET, ReportStatus.FINAL, other(words), patient_key="p", version=version, kind=kind)


def kept_as_sent(sent: Draft, state: DocumentState = DocumentState.READY, position: int = 1) -> PriorVersion:
    planned = plan(sent, History(), "000", INSTANCE)
    assert planned.version is not None
    return replace(
        kept(state=state, document=sent.document),
        version=planned.version,
        content_hash=planned.content_hash,
        position=position,
        kind=sent.kind,
    )


def codes(planned: Plan) -> list[str]:
    return [finding.code for finding in planned.findings]


def test_a_document_keeps_the_numbers_it_came_with_and_takes_the_next_place() -> None:
    first = kept_as_sent(numbered())
    planned = plan(numbered("2.25.11", replaces="2.25.10"), after(first), "002", INSTANCE)
    assert planned.version is not None
    assert (planned.version.id, planned.version.number, planned.position) == (Identifier("2.25.11"), 1, 2)
    assert planned.findings == ()


def test_the_same_document_again_is_nothing_new_and_its_number_is_never_another_s() -> None:
    first = kept_as_sent(numbered())
    assert codes(plan(numbered(), after(first), "002", INSTANCE)) == ["line.unchanged"]
    reused = plan(numbered(words="b"), after(first), "002", INSTANCE)
    assert (reused.version, codes(reused)) == (None, ["line.id_reused"])
    assert dispositions(reused) == {Disposition.REFUSE}


def test_a_document_that_could_not_leave_is_sent_again_under_its_number() -> None:
    refused = kept_as_sent(numbered(), DocumentState.REFUSED)
    planned = plan(numbered(words="mended"), after(refused), "002", INSTANCE)
    assert (planned.again, planned.position, planned.findings) == (True, 2, ())
    held = kept_as_sent(numbered(), DocumentState.HELD)
    assert codes(plan(numbered(words="mended"), after(held), "002", INSTANCE)) == ["line.previous_version_held"]


def test_another_document_of_a_known_set_says_what_it_replaces_or_is_held() -> None:
    first = kept_as_sent(numbered())
    unlinked = plan(numbered("2.25.11"), after(first), "002", INSTANCE)
    assert (codes(unlinked), dispositions(unlinked)) == (["line.version_without_link"], {Disposition.HOLD})
    elsewhere = plan(numbered("2.25.11", replaces="2.25.99"), after(first), "002", INSTANCE)
    assert codes(elsewhere) == ["line.replaces_other"]


def test_a_deletion_takes_a_place_of_its_own_once() -> None:
    first = kept_as_sent(numbered())
    deletion = plan(numbered(kind=OrderKind.DELETE), after(first), "002", INSTANCE)
    assert (deletion.position, deletion.again, deletion.findings) == (2, False, ())
    done = kept_as_sent(numbered(kind=OrderKind.DELETE), position=2)
    assert codes(plan(numbered(kind=OrderKind.DELETE), after(done), "003", INSTANCE)) == ["line.unchanged"]


def test_a_deletion_of_what_never_came_by_here_is_said_and_asked_of_the_peer() -> None:
    planned = plan(numbered(kind=OrderKind.DELETE), History(), "001", INSTANCE)
    assert planned.version is not None
    assert (codes(planned), dispositions(planned)) == (["line.unknown_target"], {Disposition.PUBLISH})
