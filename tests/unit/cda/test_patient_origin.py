"""Where the patient was read is said as its syntax says it, so that what a remark is about can be found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.context import Software
from engine.declarations import Format
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.errors import DocumentError
from engine.exchange import InboundMessage
from engine.formats.hl7v2 import FORMAT as HL7V2
from engine.formats.hprim import FORMAT as HPRIM
from engine.model.document import ClinicalDocument
from engine.model.laboratory import PREVIOUS_VERSION, Comment, LaboratoryReport
from tests.golden.cr_bio import parties
from tests.golden.cr_bio.situations import simple_biochemistry
from tests.unit.formats.laboratory_fixture import context

SAMPLES = Path(__file__).parents[2] / "samples"
_PATIENT = "/Q{urn:hl7-org:v3}ClinicalDocument[1]/Q{urn:hl7-org:v3}recordTarget[1]"
_NOON = datetime(2025, 3, 10, 12, tzinfo=UTC)


def structured(format_: Format, path: Path) -> list[ClinicalDocument]:
    conversion = format_.convert(InboundMessage(path.read_bytes(), "depot", path.name, _NOON), context())
    documents = [draft.document for draft in conversion.drafts]
    return [one for one in documents if isinstance(one.body, LaboratoryReport) and one.body.chapters]


def patient_place(document: ClinicalDocument) -> str | None:
    made = DOCUMENT_TYPE.render(replace(document, attached_pdf=None), parties.VERSION, Software())
    return dict(made.origins).get(_PATIENT)


@pytest.mark.parametrize(
    ("format_", "folder", "place", "at_least"), [(HL7V2, "hl7v2/results", "PID", 10), (HPRIM, "hprim", "P", 5)]
)
def test_the_patient_of_a_sample_stands_where_its_syntax_puts_it(
    format_: Format, folder: str, place: str, at_least: int
) -> None:
    found = {}
    for path in sorted((SAMPLES / folder).glob("[RS]*.h*")):
        for document in structured(format_, path):
            try:
                found[path.name] = patient_place(document)
            except DocumentError:  # this laboratory's directory lacks what the sample's people need
                continue
    assert len(found) >= at_least
    assert set(found.values()) == {place}, found


def test_what_a_version_carried_over_says_nothing_of_where_its_own_patient_was_read() -> None:
    document = simple_biochemistry()
    assert isinstance(document.body, LaboratoryReport)
    carried = replace(document.body, comments=(Comment("Ancien commentaire", f"NTE[1]{PREVIOUS_VERSION}"),))
    assert patient_place(replace(document, body=carried)) == "P"
