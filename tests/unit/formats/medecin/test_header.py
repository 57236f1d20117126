"""The header: who the patient, the sender and the recipient are, and what is never deduced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.findings import Disposition
from engine.model.values import Address, Identifier, Timestamp
from tests.unit.formats.laboratory_fixture import PRESCRIBER, context
from tests.unit.formats.medecin.dossiers import (
    GLUCOSE,
    HEADER,
    IDENTITY,
    KNOWING,
    LABORATORY_M,
    at,
    codes,
    converted,
    dossier,
    every,
    fate,
    file,
    header,
)


def one(head: tuple[str, ...]) -> bytes:
    return file(dossier(GLUCOSE, head=head))


def test_the_patient_is_as_sent_and_no_more() -> None:
    (draft,) = converted(one(HEADER)).drafts
    patient = draft.document.patient
    assert patient.ids == (Identifier("1.2.250.1.999.1.1.2", "0000012345"),)
    assert (patient.used_name, patient.used_given_name) == ("FICTIVE", "Hélène")
    assert (patient.birth_name, patient.first_given_name, patient.birth_given_names) == (None, None, ())
    assert (patient.gender, patient.ins, patient.birth_place) == (None, None, None)
    assert patient.birth_time == Timestamp("19850312")
    assert patient.addresses == (Address(("12 rue de l'Église", "Bât. B"), "00000", "VILLETEST", use="H"),)


@pytest.mark.parametrize("nir", ["2850399000001 93", "285039900000193", "2850399000001"])
def test_the_social_security_number_goes_nowhere(nir: str) -> None:
    made = converted(one(header(l8=nir)))
    assert "2850399" not in repr(made.drafts[0].document)
    assert "2850399" not in repr(made.findings)
    assert "hprim.nir_not_carried" in codes(made)


@pytest.mark.parametrize("nir", ["", "0000000000000 00", "   "])
def test_an_empty_social_security_number_is_not_told(nir: str) -> None:
    assert "hprim.nir_not_carried" not in codes(converted(one(header(l8=nir))))


@pytest.mark.parametrize(
    "birth", ["12/03/1985", "1985-03-12", "12 MAR 1985", "12 mars 1985", "12.03.1985", "12-03-1985"]
)
def test_a_birth_date_is_read_in_every_form_seen(birth: str) -> None:
    (draft,) = converted(one(header(l7=birth))).drafts
    assert draft.document.patient.birth_time == Timestamp("19850312")


@pytest.mark.parametrize(
    ("birth", "code"),
    [
        ("", "identity.birth_date_missing"),
        ("31/02/1985", "identity.birth_date_invalid"),
        ("mars 85", "identity.birth_date_invalid"),
        ("12/03/0085", "identity.birth_date_invalid"),
        ("12/03/85", "identity.birth_century_missing"),
        ("12/03/2085", "identity.birth_date_in_future"),
    ],
)
def test_a_birth_date_that_is_none_makes_the_document_wait(birth: str, code: str) -> None:
    found = at(converted(one(header(l7=birth))), code)
    assert (found.where, found.line, found.disposition) == ("H.7", 7, Disposition.HOLD)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"l6": "12/03/1985", "l7": "2850399000001 93"}, "H.7"),
        ({"l7": "00000 VILLETEST", "l8": "12/03/1985"}, "H.7"),
        ({"l8": "12/03/1985"}, "H.8"),
        ({"l9": "10/03/2025"}, "H.9"),
        ({"l11": "10/03/2025"}, "H.11"),
        ({"l2": "0000012345", "l3": "FICTIVE"}, "H.2"),
        ({"l3": "12 rue du Test"}, "H.3"),
    ],
)
def test_a_header_out_of_place_is_never_straightened(changed: dict[str, str], where: str) -> None:
    made = converted(one(header(**changed)))
    assert at(made, "hprim.header_shifted").where == where
    assert fate(made) is Disposition.HOLD
    assert made.drafts == ()


def test_no_laboratory_may_loosen_a_shifted_header() -> None:
    lax = replace(LABORATORY_M, policy={"hprim.header_shifted": "publish"})
    assert fate(converted(one(header(l9="10/03/2025")), lax)) is Disposition.HOLD


@pytest.mark.parametrize(("line", "code"), [("l2", "identity.name_missing"), ("l3", "identity.given_name_missing")])
def test_a_missing_name_waits(line: str, code: str) -> None:
    assert at(converted(one(header(**{line: "  "}))), code).disposition is Disposition.HOLD


def test_a_damaged_name_waits() -> None:
    made = converted(one(HEADER), replace(LABORATORY_M, encoding="utf-8"))
    assert at(made, "identity.name_damaged").disposition is Disposition.HOLD
    assert "hprim.encoding_unsure" in codes(made)


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("MME FICTIVE", "Hélène", ("FICTIVE", "Hélène", "MME")),
        ("FICTIVE", "MADAME Hélène", ("FICTIVE", "Hélène", "MME")),
        ("M. FICTIF", "Paul", ("FICTIF", "Paul", "M")),
        ("MLLE FICTIVE", "Hélène", ("FICTIVE", "Hélène", None)),
        ("M", "Paul", ("M", "Paul", None)),
    ],
)
def test_a_civility_is_no_part_of_a_name_and_no_sign_of_sex(
    name: str, given: str, expected: tuple[str, str, str | None]
) -> None:
    patient = converted(one(header(l2=name, l3=given))).drafts[0].document.patient
    assert (patient.used_name, patient.used_given_name, patient.prefix) == expected
    assert patient.gender is None


def test_entities_in_the_header_are_decoded() -> None:
    made = converted(one(header(l3="H&eacute;l&egrave;ne")))
    assert made.drafts[0].document.patient.used_given_name == "Hélène"


@pytest.mark.parametrize("code", ["", "SOLABIO 0001 " + "X" * 180, "12345 20250310"])
def test_a_first_line_that_is_no_patient_code_is_not_taken_for_one(code: str) -> None:
    made = converted(one(header(l1=code)))
    assert made.drafts[0].document.patient.ids == ()
    assert at(made, "hprim.patient_code_missing").disposition is Disposition.HOLD


def test_the_number_of_the_dossier_is_the_key_of_its_report() -> None:
    first, again, other = (converted(one(head)).drafts[0].set_id for head in (HEADER, HEADER, header(l9="2503100002")))
    assert first == again
    assert first != other
    assert first.root.startswith("2.25.")


def test_another_spelling_of_the_patient_is_another_key() -> None:
    key = converted(one(HEADER)).drafts[0].patient_key
    assert converted(one(header(l2="Fictive"))).drafts[0].patient_key == key
    assert converted(one(header(l2="FICTIVA"))).drafts[0].patient_key != key
    assert converted(one(header(l7="13/03/1985"))).drafts[0].patient_key != key


def test_a_missing_number_leaves_no_document() -> None:
    made = converted(one(header(l9="")))
    assert made.drafts == ()
    assert at(made, "hprim.dossier_number_missing").disposition is Disposition.HOLD


@pytest.mark.parametrize(
    ("sent", "start"),
    [("10/03/2025", "20250310"), ("10/03/25", "20250310"), ("M-5128-23/10/06", "20061023"), ("23/10/97", "19971023")],
)
def test_the_date_of_the_dossier_starts_the_act(sent: str, start: str) -> None:
    (draft,) = converted(one(header(l10=sent))).drafts
    assert draft.document.act.start == Timestamp(start)
    assert draft.document.created_at == Timestamp("20250310150005+0100")


@pytest.mark.parametrize(("sent", "told"), [("", False), ("lundi", True), ("31/02/2025", True)])
def test_without_a_date_the_reception_stands_in_and_is_said(sent: str, told: bool) -> None:
    made = converted(one(header(l10=sent)))
    assert made.drafts[0].document.act.start == made.drafts[0].document.created_at
    assert "mapping.act_start_missing" in codes(made)
    assert ("hprim.dossier_date_unreadable" in codes(made)) is told


def test_an_unknown_sender_is_refused() -> None:
    made = converted(one(header(l11="AUTRE     LABO AUTRE")))
    assert at(made, "hprim.unknown_sender").disposition is Disposition.REFUSE
    assert made.drafts == ()


@pytest.mark.parametrize("sender", ["LABFICT   LABORATOIRE", "LABFICT LABORATOIRE", "LABFICT"])
def test_a_sender_is_found_by_its_code(sender: str) -> None:
    assert converted(one(header(l11=sender))).sender == "LABFICT"


@pytest.mark.parametrize("sender", ["", ".         LABORATOIRE"])
def test_a_folder_of_one_laboratory_needs_no_sender_code(sender: str) -> None:
    around = context(LABORATORY_M, default_laboratory="labo-fictif")
    assert len(converted(one(header(l11=sender)), around=around).drafts) == 1


def test_the_recipient_is_found_in_the_directory_and_is_no_prescriber() -> None:
    (draft,) = converted(one(HEADER)).drafts
    assert draft.document.recipients == (PRESCRIBER,)
    assert draft.document.participants == ()


def test_a_recipient_nobody_knows_is_told_and_left_out() -> None:
    made = converted(one(header(l12="INCONNU   DR INCONNU")))
    assert made.drafts[0].document.recipients == ()
    assert at(made, "mapping.recipient_unknown").where == "H.12"


def test_the_signatory_is_the_one_agreed_with_the_laboratory() -> None:
    (draft,) = converted(one(HEADER)).drafts
    assert draft.document.legal_authenticator.professional == LABORATORY_M.default_biologist
    assert "mapping.default_biologist" in {finding.code for finding in draft.findings}


def test_without_an_agreed_signatory_nothing_is_signed() -> None:
    made = converted(one(HEADER), replace(LABORATORY_M, default_biologist=None))
    assert at(made, "mapping.validator_missing").disposition is Disposition.HOLD
    assert made.drafts == ()


def test_a_known_identity_gives_sex_and_birth_name() -> None:
    (draft,) = converted(one(HEADER), KNOWING).drafts
    patient = draft.document.patient
    assert (patient.birth_name, patient.gender, patient.ins) == ("FICTIVE", "F", IDENTITY.ins)
    assert patient.first_given_name == "Hélène"
    assert patient.birth_place is not None
    assert patient.birth_place.cog == "99100"


@pytest.mark.parametrize("changed", [{"l2": "AUTRE"}, {"l3": "Marie"}, {"l7": "13/03/1985"}, {"l7": ""}])
def test_an_identity_whose_traits_differ_is_never_used(changed: dict[str, str]) -> None:
    made = converted(one(header(**changed)), KNOWING)
    assert at(made, "identity.traits_differ").disposition is Disposition.HOLD
    assert all(draft.document.patient.ins is None for draft in made.drafts)
    assert all(draft.document.patient.gender is None for draft in made.drafts)


def test_the_encoding_the_laboratory_declares_is_used() -> None:
    content = "\r\n".join([*header(l3="Zoé"), "****FIN****", "****FINFICHIER****", ""]).encode("cp850", "replace")
    made = converted(content, replace(LABORATORY_M, encoding="cp850"))
    assert made.drafts[0].document.patient.used_given_name == "Zoé"
    assert "hprim.encoding_guessed" not in codes(made)


def test_no_finding_holds_patient_data() -> None:
    content = file(
        dossier(
            "RES|SECRET|GLU|N|FICTIVE|FICTIVE|||FICTIVE|FICTIVE",
            "FICTIVE Helene",
            GLUCOSE,
            head=header(l7="31/02/1985"),
        )
    )
    for finding in every(converted(content, KNOWING)):
        told = f"{finding.message} {finding.remedy} {finding.where}"
        for secret in ("FICTIVE", "Hélène", "1985", "0000012345", "SECRET", "Église"):
            assert secret not in told, finding.code
