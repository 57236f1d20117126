"""The document's header: parties, dates, acts, encounter; and what holds when somebody is unknown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.context import stable_oid
from engine.exchange import InboundMessage
from engine.findings import Disposition, disposition
from engine.formats.hprim import FORMAT
from engine.model.parties import PROFESSIONAL_OID, Professional
from engine.model.values import Identifier, PersonName
from tests.unit.formats.laboratory_fixture import BIOLOGIST, LABORATORY, PRESCRIBER, RECEIVED_AT, context
from tests.unit.formats.sante.messages import (
    codes,
    comment,
    content,
    convert,
    finding,
    header,
    only_draft,
    patient,
    report,
    request,
    result,
    simple,
)

SECOND = replace(BIOLOGIST, id=Identifier(PROFESSIONAL_OID, "899900000037"), name=PersonName("SECONDTEST", "Paul"))
TWO = replace(LABORATORY, biologists={**LABORATORY.biologists, "SEC": SECOND})


def test_an_unknown_sender_is_refused() -> None:
    conversion = convert(content(header({5: "123456789~AUTRE"}), patient(), request(), result()))
    assert conversion.drafts == ()
    assert finding(conversion.findings, "hprim.unknown_sender").disposition is Disposition.REFUSE
    assert conversion.sender == "123456789"


def test_a_folder_of_one_laboratory_knows_its_sender() -> None:
    message = content(header({5: "~LABO SANS CODE"}), patient(), request(), result())
    assert convert(message).drafts == ()
    assert len(convert(message, context(default_laboratory="labo-fictif")).drafts) == 1


def test_a_file_of_another_laboratory_in_that_folder_is_held() -> None:
    message = content(header({5: "123456789~AUTRE"}), patient(), request(), result())
    conversion = convert(message, context(default_laboratory="labo-fictif"))
    assert finding(conversion.findings, "hprim.sender_not_declared").disposition is Disposition.HOLD


def test_what_the_source_knows_of_the_sender_counts_when_the_message_says_nothing() -> None:
    message = content(header({5: "~LABO SANS CODE"}), patient(), request(), result())
    inbound = InboundMessage(message, "dossier", "x.hpr", RECEIVED_AT, sender="990000002")
    assert len(FORMAT.convert(inbound, context()).drafts) == 1


def test_a_comment_in_the_header_field_is_not_lost_silently() -> None:
    conversion = convert(content(header({11: "à relire"}), patient(), request(), result()))
    assert [one.where for one in conversion.findings] == ["H.7.11"]


def test_the_key_of_a_report_is_the_laboratory_and_its_request_number() -> None:
    draft = only_draft(simple(result()))
    assert draft.set_id == Identifier(stable_oid("set", LABORATORY.oid, "25031000001"))


def test_several_requests_of_one_number_are_one_document() -> None:
    second = request({2: "2", 5: "HB~Hemoglobine~L", 25: "HEMAT~HEMATOLOGIE"})
    message = content(header(), patient(), request(), result(), second, result({4: "HB~Hb~L", 16: "HEMAT~20"}))
    draft = only_draft(message)
    assert [one.code.code for one in report(draft).chapters] == ["18719-5", "18723-7"]
    assert [act.origin for chapter in report(draft).chapters for act in chapter.acts] == ["OBR[1]", "OBR[2]"]


def test_the_prescriber_comes_with_his_mailbox() -> None:
    document = only_draft(simple(result())).document
    (participant,) = document.participants
    assert (participant.type_code, participant.professional) == ("REF", PRESCRIBER)
    assert document.recipients == (PRESCRIBER,)
    assert document.orders[0].extension == "DEM0001"


@pytest.mark.parametrize(
    ("sent", "identifier"),
    [
        ("99900000045~NOUVEAU&Jean&&&M&Dr~R", Identifier(PROFESSIONAL_OID, "899900000045")),
        ("991234567~NOUVEAU&Jean&&&M&Dr~A", Identifier(PROFESSIONAL_OID, "0991234567")),
        ("DRNOUV~NOUVEAU&Jean&&&M&Dr~L", None),
        ("~NOUVEAU&Jean&&&M&Dr~", None),
    ],
)
def test_a_prescriber_nobody_knows_is_named_as_sent(sent: str, identifier: Identifier | None) -> None:
    draft = only_draft(content(header(), patient(), request({17: sent, 18: "01 02.03"}), result()))
    found = draft.document.participants[0].professional
    assert found.id == identifier
    assert found.name == PersonName("NOUVEAU", "Jean", "M", "DR")
    assert [one.value for one in found.telecoms] == ["tel:010203"]
    assert "mapping.prescriber_unknown" in codes(draft.findings)


def test_a_local_prescriber_code_given_to_someone_else_sends_nothing_to_him() -> None:
    local = context(replace(LABORATORY, prescribers={"DR1": PRESCRIBER}))
    draft = only_draft(content(header(), patient(), request({17: "DR1~AUTRE&Jean~L"}), result()), local)
    assert finding(draft.findings, "mapping.professional_differs").disposition is Disposition.HOLD
    assert not any(one.value.startswith("mailto:") for who in draft.document.recipients for one in who.telecoms)


def test_copies_are_received_too_each_once() -> None:
    copies = "99900000011~MEDTEST&Francoise~R^99900000045~COPIE&Anne~R^LOC~SPECIALISTE&Luc~L"
    document = only_draft(content(header(), patient(), request({29: copies}), result())).document
    assert [one.name.family for one in document.recipients if one.name] == ["MEDTEST", "COPIE", "SPECIALISTE"]


def test_doctors_and_collector_take_part() -> None:
    sent = patient({14: "99900000011~MEDTEST&Francoise~R"})
    document = only_draft(content(header(), sent, request({11: "IDE1~PIQUETEST&Lea~L"}), result())).document
    assert [one.type_code for one in document.participants] == ["REF", "INF", "PRF"]
    collector = document.participants[2]
    assert collector.time is not None and collector.time.digits == "202503100815"
    specimen = (
        report(only_draft(content(header(), sent, request({11: "IDE1~PIQUETEST&Lea~L"}), result())))
        .chapters[0]
        .acts[0]
        .specimens[0]
    )
    assert specimen.collector == collector.professional


def test_the_validator_signs() -> None:
    document = only_draft(simple(result())).document
    assert document.legal_authenticator.professional == BIOLOGIST
    assert document.authors[0].professional == BIOLOGIST
    assert document.act.performer == BIOLOGIST
    assert document.legal_authenticator.time.value == "202503101410+0100"


def test_the_results_validator_signs_when_the_request_names_none() -> None:
    draft = only_draft(content(header(), patient(), request({33: ""}), result({17: "VBIO~Dr BIOTEST"})))
    assert draft.document.legal_authenticator.professional == BIOLOGIST
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_another_validator_of_a_result_is_an_authenticator() -> None:
    draft = only_draft(simple(result({17: "SEC"}), result({4: "K~K~L", 17: "VBIO"})), context(TWO))
    assert [one.professional for one in draft.document.authenticators] == [SECOND]
    assert disposition(draft.findings) is Disposition.PUBLISH


def test_two_validators_and_no_main_one_hold() -> None:
    message = content(header(), patient(), request({33: ""}), result({17: "SEC"}), result({4: "K~K~L", 17: "VBIO"}))
    draft = only_draft(message, context(TWO))
    assert finding(draft.findings, "mapping.several_validators").disposition is Disposition.HOLD


@pytest.mark.parametrize("sent", ["INCONNU~AUTRE&Jean~L", "99900000037~AUTRE&Jean~R", "VBIO~AUTRE&Jean~L"])
def test_a_validator_nobody_knows_holds_and_the_default_one_never_signs_instead(sent: str) -> None:
    laboratory = replace(LABORATORY, default_biologist=BIOLOGIST)
    draft = only_draft(content(header(), patient(), request({33: sent}), result()), context(laboratory))
    assert disposition(draft.findings) is Disposition.HOLD
    signer = draft.document.legal_authenticator.professional
    assert signer == Professional(None, None, organization=LABORATORY.organization)


def test_nobody_named_is_the_biologist_by_agreement_or_nobody() -> None:
    message = content(header(), patient(), request({33: ""}), result())
    assert finding(only_draft(message).findings, "mapping.validator_missing").disposition is Disposition.HOLD
    agreed = only_draft(message, context(replace(LABORATORY, default_biologist=BIOLOGIST)))
    assert agreed.document.legal_authenticator.professional == BIOLOGIST
    assert "mapping.default_biologist" in codes(agreed.findings)


@pytest.mark.parametrize(
    ("obr", "head", "start", "created"),
    [
        ({}, {}, "202503100905+0100", "202503101410+0100"),
        ({15: ""}, {}, "202503100815+0100", "202503101410+0100"),
        ({15: "", 8: "", 7: "20250310"}, {}, "20250310", "202503101410+0100"),
        ({23: ""}, {}, "202503100905+0100", "20250310143000+0100"),
        ({15: "", 8: "", 23: ""}, {14: ""}, "20250310150005+0100", "20250310150005+0100"),
    ],
)
def test_dates_come_from_the_first_field_that_has_one(
    obr: dict[int, str], head: dict[int, str], start: str, created: str
) -> None:
    document = only_draft(content(header(head), patient(), request(obr), result({15: ""}))).document
    assert (document.act.start.value, document.created_at.value) == (start, created)
    assert RECEIVED_AT.hour == 14


def test_where_the_patient_was() -> None:
    sent = patient({24: "20250309^20250312", 25: "IP", 26: "3~101~MEDECINE"})
    found = only_draft(content(header(), sent, request(), result())).document.encounter
    assert found.id is not None and found.id.extension == "DOS0001"
    assert (found.start.value, found.stop.value) == ("20250309", "20250312")  # type: ignore[union-attr]
    assert found.code is not None and found.code.code == "IMP"
    assert found.location_name == "MEDECINE, chambre 101, lit 3"
    assert found.facility_type == LABORATORY.organization.facility_type


def test_clinical_information_and_reasons_are_kept() -> None:
    draft = only_draft(content(header(), patient(), request({14: "Fièvre", 32: "R1~Bilan~L"}), result()))
    found = report(draft).clinical_information
    assert found is not None
    assert (found.text, found.origin) == ("Fièvre\nBilan", "OBR[1].9.14")


def test_comments_stay_with_what_they_comment() -> None:
    message = content(
        header(),
        patient(),
        comment("du patient", "P"),
        request(),
        comment("de la demande"),
        result(),
        comment("du résultat"),
        "ZZZ|1",
        comment("de l'inconnu"),
    )
    draft = only_draft(message)
    body = report(draft)
    act = body.chapters[0].acts[0]
    assert [one.text for one in body.comments] == ["du patient"]
    assert [getattr(one, "text", "") for one in act.items[:2]] == ["de la demande", "de l'inconnu"]
    assert [one.text for one in act.items[2].comments] == ["du résultat"]  # type: ignore[union-attr]


def test_a_comment_of_the_header_belongs_to_the_only_patient_or_holds() -> None:
    one = content(header(), comment("général"), patient(), request(), result())
    assert [c.text for c in report(only_draft(one)).comments] == ["général"]
    other = (patient({2: "2", 3: "IPP0002", 4: "L2"}), request({4: "~2"}), result())
    two = convert(content(header(), comment("général"), patient(), request(), result(), *other))
    assert finding(two.findings, "hprim.comment_misplaced").disposition is Disposition.HOLD


def test_a_field_without_a_place_is_said_once() -> None:
    draft = only_draft(simple(result({10: "0.5"}), result({4: "K~K~L", 10: "0.7"})))
    found = [one.where for one in draft.findings if one.code == "hprim.field_not_carried"]
    assert found == ["OBX[1].10.10"]


def test_the_password_and_what_is_sent_in_test_mode_stay_where_they_are() -> None:
    conversion = convert(content(header({4: "MOTDEPASSE", 12: "D"}), patient(), request(), result()))
    assert conversion.drafts[0].test
    assert "MOTDEPASSE" not in repr(conversion)


@pytest.mark.parametrize(
    ("changes", "code"), [({7: ""}, "hprim.context_unknown"), ({7: "XXX"}, "hprim.context_unknown")]
)
def test_an_unknown_context_holds(changes: dict[int, str], code: str) -> None:
    conversion = convert(content(header(changes), patient(), request(), result()))
    assert conversion.drafts == ()
    assert finding(conversion.findings, code).disposition is Disposition.HOLD


def test_a_laboratory_without_facility_type_holds() -> None:
    bare = replace(LABORATORY, organization=replace(LABORATORY.organization, facility_type=None))
    draft = only_draft(simple(result()), context(bare))
    assert finding(draft.findings, "mapping.facility_type_missing").disposition is Disposition.HOLD
