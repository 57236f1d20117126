"""The ERR answer: every refusal, addressed, in lines our own parser reads back."""

from __future__ import annotations

from pathlib import Path

from engine.context import Context
from engine.exchange import InboundMessage
from engine.findings import Disposition, Finding
from engine.formats.hprim import FORMAT
from engine.formats.hprim.sante.reading import Reading, reading
from engine.formats.hprim.sante.remarks import Remarks
from engine.formats.hprim.sante.view.error import ErrorView, error_view
from tests.unit.formats.laboratory_fixture import RECEIVED_AT, context
from tests.unit.formats.sante.messages import content, header, patient, request, result, simple

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "hprim"


def answered(message: bytes, circumstances: Context | None = None) -> tuple[bytes | None, tuple[Finding, ...]]:
    used = circumstances or context()
    inbound = InboundMessage(message, "dossier", "recu.hpr", RECEIVED_AT)
    conversion = FORMAT.convert(inbound, used)
    found = (*conversion.findings, *(one for draft in conversion.drafts for one in draft.findings))
    return FORMAT.negative_answer(inbound, found, used), found


def read_back(answer: bytes | None) -> tuple[Reading, list[ErrorView]]:
    assert answer is not None
    remarks = Remarks(None)
    found = reading(answer, context(), remarks)
    assert found is not None
    assert {one.code for one in remarks.findings} <= {"hprim.test_mode"}
    return found, [error_view(one) for one in found.message.errors]


def test_a_truncated_message_is_answered_as_a_whole() -> None:
    answer, _ = answered((SAMPLES / "S14_tronque.hpr").read_bytes())
    found, (error,) = read_back(answer)
    assert (found.header.context, found.header.receiver_code, found.header.sender_code) == (
        "ERR",
        "990000002",
        "990000010",
    )
    assert found.header.built_at == "20250310150005"
    assert (error.file_name, error.built_at, error.severity, error.kind) == ("FICT0014.HPR", "20250310143000", "T", "S")
    assert error.text.startswith("Le segment de fin L est absent")


def test_every_refusal_has_its_own_error_with_its_address() -> None:
    orphans = (result({2: "1"}), result({2: "2", 4: "K~K~L"}))
    answer, found = answered(content(header(), patient(), *orphans, request(), result()))
    refused = [one for one in found if one.disposition is Disposition.REFUSE]
    _, errors = read_back(answer)
    assert len(errors) == len(refused) == 2
    assert [(one.severity, one.line, one.address) for one in errors] == [
        ("P", "3", "P~1~IPP0001&LAB0001&DOS0001^OBX~1~GLU"),
        ("P", "4", "P~1~IPP0001&LAB0001&DOS0001^OBX~2~K"),
    ]


def test_a_field_is_named_by_its_number() -> None:
    answer, _ = answered(content(header({5: "123~X"}), patient(), request(), result()))
    _, (error,) = read_back(answer)
    assert (error.field, error.severity, error.line, error.kind) == ("7.5", "T", "1", "I")


def test_lines_are_never_longer_than_allowed_and_are_glued_back() -> None:
    answer, found = answered(content(header(), patient({34: "pas une date"}), request(), result()))
    assert answer is not None
    assert max(len(line) + 1 for line in answer.split(b"\r")) <= 220
    _, (error,) = read_back(answer)
    refused = next(one for one in found if one.disposition is Disposition.REFUSE)
    assert error.text == f"{refused.message} {refused.remedy}"


def test_a_message_that_is_not_refused_is_not_answered() -> None:
    assert answered(simple(result()))[0] is None
    assert answered(content(header(), patient({8: ""}), request(), result()))[0] is None, "held is not refused"


def test_what_has_no_header_or_is_no_sante_message_is_not_answered() -> None:
    for name in ("S32_vide.hpr", "S33_pdf_renomme.hpr", "S34_hl7v2_renomme.hpr", "M20_sans_identite_minimale.hpr"):
        assert answered((SAMPLES / name).read_bytes())[0] is None


def test_a_test_message_is_answered_in_test() -> None:
    answer, _ = answered(content(header({12: "T"}), patient(), result(), request(), result()))
    assert read_back(answer)[0].header.is_test


def test_separators_in_an_answer_are_escaped() -> None:
    answer, _ = answered(content(header(), patient({3: "IP\\F\\P\\T\\1"}), result(), request(), result()))
    assert answer is not None
    assert b"IP\\F\\P\\T\\1" in answer.replace(b"\rA|", b"")
