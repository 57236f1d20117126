"""Metadata → ebRIM → metadata."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.errors import DocumentError
from engine.model.values import Code
from engine.xds.ebrim import read_submission, submit_objects_request
from engine.xds.metadata import document_entry, submission
from engine.xds.values import Association, DocumentEntry, Submission, SubmissionSet, XdsAuthor
from tests.unit.xds.documents import cda
from tests.unit.xds.test_metadata import SUBMITTED_AT

EXAMPLES = Path(__file__).resolve().parents[3] / ".." / "shared" / "ans" / "TestContenuCDA-3-0" / "ExemplesCDA"
RIM = "{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}"

text = st.text(string.ascii_letters + string.digits + " éÉ'^&|<>\"-", min_size=1, max_size=20).filter(str.strip)
some = st.lists(text, max_size=3).map(tuple)
maybe = st.none() | text
code = st.builds(Code, text, text, maybe)
author = st.builds(XdsAuthor, text, some, some, some)
authors = st.lists(author, min_size=1, max_size=2).map(tuple)
document = st.builds(
    DocumentEntry,
    id=text,
    unique_id=text,
    mime_type=text,
    title=text,
    creation_time=text,
    service_start_time=text,
    language_code=text,
    legal_authenticator=maybe,
    source_patient_id=text,
    source_patient_info=some,
    authors=authors,
    class_code=code,
    type_code=code,
    format_code=code,
    healthcare_facility_type_code=code,
    practice_setting_code=code,
    confidentiality_codes=st.lists(code, min_size=1, max_size=3).map(tuple),
    patient_id=maybe,
    service_stop_time=maybe,
    event_codes=st.lists(code, max_size=2).map(tuple),
    reference_ids=some,
    comments=maybe,
    hash=maybe,
    size=st.none() | st.integers(0, 10**9),
    uri=maybe,
    action=maybe,
)
submission_set = st.builds(
    SubmissionSet,
    id=text,
    unique_id=text,
    source_id=text,
    submission_time=text,
    content_type_code=code,
    authors=authors,
    patient_id=maybe,
    title=maybe,
    comments=maybe,
    intended_recipients=some,
)
slots = st.dictionaries(text, st.lists(text, min_size=1, max_size=2).map(tuple), max_size=2).map(
    lambda found: tuple(found.items())
)
association = st.builds(Association, text, text, text, text, slots)
submissions = st.builds(
    Submission,
    submission_set,
    st.lists(document, max_size=2).map(tuple),
    st.lists(association, max_size=2).map(tuple),
)


@given(submissions)
def test_what_is_written_is_read_back(sent: Submission) -> None:
    written = etree.tostring(submit_objects_request(sent, with_hash=True))
    assert read_submission(etree.fromstring(written)) == sent


def laboratory() -> Submission:
    return submission(
        (document_entry(cda(), symbolic_id="Document01", uri="DOC0001.XML"),),
        unique_id="2.25.1",
        source_id="1.2",
        submitted_at=SUBMITTED_AT,
        content_type=Code("07", "1.2.250.1.213.2.2", "Consultations soins externes"),
        intended_recipients=("Labo^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1",),
    )


def test_hash_and_size_are_written_only_when_asked_for() -> None:
    def slots_of(with_hash: bool) -> set[str]:
        found = submit_objects_request(laboratory(), with_hash=with_hash).find(f".//{RIM}ExtrinsicObject")
        assert found is not None
        return {str(slot.get("name")) for slot in found.findall(f"{RIM}Slot")}

    assert {"hash", "size"} <= slots_of(True)
    assert not {"hash", "size"} & slots_of(False)


def test_children_stand_in_the_order_of_the_ebrim_schema() -> None:
    order = ["Slot", "Name", "Description", "Classification", "ExternalIdentifier"]
    for one in submit_objects_request(laboratory(), with_hash=True).iter(
        f"{RIM}ExtrinsicObject", f"{RIM}RegistryPackage"
    ):
        places = [order.index(etree.QName(child).localname) for child in one]
        assert places == sorted(places)


def test_each_object_has_its_own_id_and_names_its_owner() -> None:
    request = submit_objects_request(laboratory(), with_hash=True)
    ids = [str(one.get("id")) for one in request.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for one in request.iter(f"{RIM}Classification", f"{RIM}ExternalIdentifier"):
        owner = one.get("classifiedObject") or one.get("registryObject")
        assert owner in ids


@pytest.mark.parametrize("content", ["<a/>", f"<a xmlns:r='{RIM[1:-1]}'><r:RegistryPackage/></a>"])
def test_what_lacks_a_submission_set_is_refused(content: str) -> None:
    with pytest.raises(DocumentError):
        read_submission(etree.fromstring(content))


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="les exemples CDA de l'ANS ne sont pas à côté du projet")
def test_every_official_example_gives_metadata_that_round_trip() -> None:
    paths = sorted(EXAMPLES.glob("*.xml"))
    assert paths
    for path in paths:
        sent = submission(
            (document_entry(path.read_bytes(), symbolic_id="Document01"),),
            unique_id="2.25.1",
            source_id="1.2",
            submitted_at=SUBMITTED_AT,
            content_type=Code("07", "1.2.250.1.213.2.2", "Consultations soins externes"),
        )
        written = etree.tostring(submit_objects_request(sent, with_hash=True))
        assert read_submission(etree.fromstring(written)) == sent, path.name
