"""A document asked for by a host software: what the catalogue decides, what is said of a wrong request."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.findings import Disposition, disposition
from engine.model.document import PdfBody, TextBody
from engine.model.parties import INS_NIR, INS_NIR_TEST
from tests.unit.request.requests import CONTRACT, INS, PRACTICE, context, converted, faults, patient, request


def test_the_catalogue_gives_level_codes_and_routing() -> None:
    """R-DOC-01."""
    (draft,) = converted(request()).drafts
    assert (draft.document.type, draft.document.catalogue) == ("n1", "medecin/general/lettre-adressage")
    assert draft.document.title == "Lettre d'adressage"
    assert draft.instructions.dmp is True
    assert draft.instructions.patient is False
    assert draft.document.custodian == PRACTICE
    assert isinstance(draft.document.body, TextBody)


def test_a_kind_of_the_host_is_mapped_once_for_all() -> None:
    (named,), (mapped,) = converted(request()).drafts, converted(request(document=None, kind="COURRIER")).drafts
    assert mapped.document == named.document
    assert ("kind", "catalogue.unknown_kind") in faults(request(document=None, kind="COURIER"))


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        ("type_code", "96349-6", "11488-4"),
        ("class_code", "10", "42"),
        ("format_code", "urn:ihe:iti:xds-sd:pdf:2008", "urn:ihe:lab:xd-lab:2008"),
        ("template", "1.3.6.1.4.1.19376.1.2.20", "1.2.3"),
    ],
)
def test_what_the_catalogue_decides_is_refused_when_the_caller_decides_otherwise(
    field: str, right: str, wrong: str
) -> None:
    """R-DOC-01."""
    assert converted(request(**{field: right})).drafts
    assert faults(request(**{field: wrong})) == {(field, "request.decided_by_catalogue")}


def test_not_sending_is_never_remembered() -> None:
    """The default holds again at the next call (SC.DMP/ALI/PROG.02, PROG.03)."""
    (withheld,) = converted(request(sending={"dmp": False})).drafts
    (after,) = converted(request(number="L-2")).drafts
    assert (withheld.instructions.dmp, after.instructions.dmp) == (False, True)


def test_a_copy_for_the_treating_doctor_follows_the_catalogue_and_an_addressee_is_always_written_to() -> None:
    people = [
        {"family": "UN", "mailbox": "un@medecin.mssante.example", "role": "treating"},
        {"family": "DEUX", "mailbox": "deux@medecin.mssante.example"},
    ]
    (letter,) = converted(request(correspondents=people)).drafts
    (report,) = converted(request(document="cr-consultation", correspondents=people)).drafts
    assert letter.instructions.mailboxes == ("deux@medecin.mssante.example",)
    assert report.instructions.mailboxes == ("un@medecin.mssante.example", "deux@medecin.mssante.example")
    assert [one.name.family for one in letter.document.recipients if one.name] == ["UN", "DEUX"]


def test_a_file_beside_the_request_is_its_content() -> None:
    (draft,) = converted(request(content=None), b"%PDF-1.4\n%%EOF\n").drafts
    assert draft.document.body == PdfBody(b"%PDF-1.4\n%%EOF\n")
    assert faults(request(content=None), b"PK\x03\x04") == {("file", "request.not_a_pdf")}
    assert faults(request(), b"%PDF-1.4\n") == {("content", "request.one_content")}
    assert faults(request(content={})) == {("content", "request.one_content")}
    assert faults(request(content={"text": " \n"})) == {("content.text", "request.empty")}


def test_an_identity_is_qualified_by_contract_only() -> None:
    """R-INS-05."""
    asked = request(patient=patient(ins=INS))
    (trusted,) = converted(asked).drafts
    (claimed,) = converted(asked, given=context(None)).drafts
    (late,) = converted(asked, given=context(type(CONTRACT)(date(2027, 1, 1), "x", "y"))).drafts
    qualified = [one.document.patient.ins.qualified for one in (trusted, claimed, late) if one.document.patient.ins]
    assert qualified == [True, False, False]
    (other,) = converted(request(patient=patient(ins=INS | {"status": "validée"}))).drafts
    assert other.document.patient.ins is not None
    assert not other.document.patient.ins.qualified


def test_a_matricule_is_of_test_outside_production() -> None:
    asked = request(patient=patient(ins=INS))
    oids = []
    for production in (False, True):
        (draft,) = converted(asked, given=context(production=production)).drafts
        assert draft.document.patient.ins is not None
        oids.append(draft.document.patient.ins.oid)
    assert oids == [INS_NIR_TEST, INS_NIR]


def test_every_fault_is_told_at_once_at_the_field_of_the_caller() -> None:
    asked = request(
        patient=patient(sex="X", birth_date="14/03/1985"),
        correspondents=[{"family": "UN", "mailbox": "pas une boîte"}],
        sending={"deferral_minutes": 2000},
        colour="red",
    )
    assert faults(asked) == {
        ("patient.sex", "request.literal_error"),
        ("patient.birth_date", "request.string_pattern_mismatch"),
        ("correspondents[0].mailbox", "request.string_pattern_mismatch"),
        ("sending.deferral_minutes", "request.less_than_equal"),
        ("colour", "request.extra_forbidden"),
    }


def test_what_only_the_catalogue_and_the_structure_know_is_told_together() -> None:
    asked = request(document="letre-adressage", author={"family": "X"}, patient=patient(birth_date="1985-02-30"))
    assert faults(asked) == {
        ("document", "catalogue.unknown_document"),
        ("author.rpps", "request.missing"),
        ("author.specialty", "request.missing"),
        ("patient.birth_date", "request.no_such_date"),
    }


def test_faults_of_form_and_of_substance_are_told_together() -> None:
    """As far as the sound parts allow: nothing is said of what could not be read."""
    asked = request(
        document="letre-adressage",
        author={"family": "X", "specialty": 7},
        patient=patient(birth_date="1985-02-30", sex="X", ins=INS | {"matricule": "12"}, birth_place=None),
        correspondents=[{"mailbox": "x@y.example"}, {"family": 3, "mailbox": "non"}],
        content={"text": " "},
        type_code="11488-4",
        number="",
    )
    assert faults(asked) == {
        ("document", "catalogue.unknown_document"),
        ("author.rpps", "request.missing"),
        ("author.specialty", "request.string_type"),
        ("patient.birth_date", "request.no_such_date"),
        ("patient.birth_place", "request.incomplete_identity"),
        ("patient.ins.matricule", "request.string_pattern_mismatch"),
        ("patient.sex", "request.literal_error"),
        ("correspondents[0].family", "request.missing"),
        ("correspondents[1].family", "request.string_type"),
        ("correspondents[1].mailbox", "request.string_pattern_mismatch"),
        ("content.text", "request.empty"),
        ("number", "request.string_too_short"),
    }


def test_what_could_not_be_read_is_never_said_to_lack() -> None:
    asked = request(author={"rpps": "123"}, content={"pdf": "A"}, document=12, kind=None)
    assert faults(asked) == {
        ("author.rpps", "request.string_pattern_mismatch"),
        ("content.pdf", "request.base64_decode"),
        ("document", "request.string_type"),
    }


def test_another_encoding_than_utf8_is_told_by_its_name() -> None:
    """Read as another one, a name would be another name."""
    content = json.dumps(request(title="Bilan d'Hélène"), ensure_ascii=False).encode("cp1252")
    assert faults(content) == {("", "request.not_utf8")}


def test_plain_html_is_laid_out_and_styled_html_is_refused_at_its_line() -> None:
    (draft,) = converted(request(content={"html": "<h1>Avis</h1><p>Bonjour</p>"})).drafts
    assert draft.document.body == TextBody(("Avis", "Bonjour"))
    styled = request(content={"html": '<p>Oui</p>\n<p style="display:none">non</p>'})
    assert faults(styled) == {("content.html:2:1", "n1.html_attribute")}
    assert faults(request(content={"html": "<p> </p>"})) == {("content.html", "request.empty")}


def test_the_structure_signs_beside_an_author_who_no_longer_practises() -> None:
    """SC.DMP/HISTO.04."""
    (present,) = converted(request()).drafts
    (gone,) = converted(request(author={"rpps": "99900000011", "no_longer_practises": True})).drafts
    assert len(present.document.authors) == 1
    assert [one.professional.id for one in gone.document.authors][1:] == [PRACTICE.id]


def test_a_document_of_the_past_is_dated_of_its_act() -> None:
    """SC.DMP/HISTO.03."""
    act, signed = "2019-05-06T09:00:00+02:00", "2019-05-06T18:00:00+02:00"
    (draft,) = converted(request(act={"start": act}, signed_at=signed)).drafts
    assert draft.document.act.start.value.startswith("20190506")
    assert draft.document.legal_authenticator.time.value.startswith("20190506")
    assert draft.document.created_at.value.startswith("20260314")


def test_a_structured_document_that_is_not_built_says_so() -> None:
    assert faults(request(document="note-vaccination", profile="medecin-traitant-suivi-enfant")) == {
        ("document", "catalogue.not_built")
    }


def test_the_same_number_is_the_same_report() -> None:
    (first,), (second,) = converted(request()).drafts, converted(request(content={"text": "Autre"})).drafts
    assert first.set_id == second.set_id
    assert first.patient_key == second.patient_key
    (other,) = converted(request(number="L-2")).drafts
    assert other.set_id != first.set_id


def test_no_value_sent_is_quoted_in_what_is_said() -> None:
    made = converted(request(patient=patient(birth_name="", sex="ZZZ", birth_date="SECRET"), number=""))
    words = " ".join(f"{one.message} {one.remedy}" for one in made.findings)
    assert not {"ZZZ", "SECRET", "EXEMPLE", "JEANNE"} & set(words.split())


_JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=8),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [{}, 1]),
)


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every field and item of a request, each by what holds it."""
    found: list[tuple[Any, Any]] = []
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        found.append((node, key))
        if isinstance(node[key], dict | list):
            found += _places(node[key])
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 39), _JUNK), min_size=1, max_size=4))
def test_any_field_may_be_anything_and_is_refused_or_read_and_never_raises(changes: list[tuple[int, Any]]) -> None:
    asked = request(
        patient=patient(ins=dict(INS), address={"lines": ["1 rue du Test"]}),
        correspondents=[{"family": "UN"}, {"rpps": "99900000011"}],
        act={"start": "2026-03-14T10:30:00+01:00"},
        sending={"dmp": True},
    )
    places = _places(asked)
    for rank, junk in changes:
        holder, key = places[rank % len(places)]
        holder[key] = junk
    made = converted(asked)
    assert bool(made.drafts) is (disposition(made.findings) is not Disposition.REFUSE)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
            max_leaves=12,
        ),
    )
)
def test_whatever_is_sent_is_refused_with_reasons_and_never_raises(asked: object) -> None:
    made = converted(asked)
    assert made.drafts == ()
    assert disposition(made.findings) is Disposition.REFUSE
