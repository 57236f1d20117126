"""The official HL7v2 examples of the ANS, over the real MLLP listener: what each is answered, and what leaves of it.

The examples are read from `../shared/ans/hl7v2-exemples` and never copied; without them these tests are skipped. The
cases derived from them are made of our own documents, and always run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from engine.context import Strictness
from engine.conversion import build
from engine.declarations import Draft
from engine.documents.received import DOCUMENT_TYPE
from engine.exchange import Accepted, InboundMessage, OrderKind
from engine.findings import Disposition, disposition
from engine.formats.hl7v2 import FORMAT
from engine.formats.hl7v2.er7 import Message
from engine.validation.validator import Validator
from tests.routes.document_line import document_line
from tests.unit.connectors.mllp.peer import sender as mllp_sender
from tests.unit.connectors.mllp.peer import serving
from tests.unit.formats.hl7v2.messages import OFFICIAL, needs_official, official, with_value
from tests.unit.formats.hl7v2.transmission.messages import (
    FIRST,
    INS,
    SOFTWARE,
    cda,
    context,
    convert,
    doctor,
    flags,
    message,
    patient,
    pid,
    sender,
)

W2T = "Vague 2/Trans_Doc-CDA-HL7V2/TRANSMISSION_DOCS_CDA_EN_HL7V2_V2.1"
W2L = "Vague 2/Trans_LPS_CDA_MSSanté/TRANSMISSION_LPS_DOC_CDA_COURRIEL_FROM_MSSANTE_V1.1"
VT = "Volets/TRANS_DOC_CDA_HL7V2"
VL = "Volets/Trans_LPS_CDA_MSSanté/V1.0"
PAM = "Vague 2/Consentement_DMP_PAMFR"


@dataclass(frozen=True, slots=True)
class Expected:
    """What an example is answered; the same in both modes but for `strict`."""

    answer: str | None
    """MSA-1; None: it is an answer itself, and is not answered."""
    refused: frozenset[str] = frozenset()
    strict: frozenset[str] = frozenset()
    """What refuses it besides in the strict mode."""
    fate: Disposition | None = None
    """What becomes of its document, by our own rules alone; None: it brings none."""
    reason: str = ""
    """Why it does not leave, where it does not."""
    kind: OrderKind = OrderKind.SEND


def _ae(*codes: str, strict: tuple[str, ...] = (), reason: str) -> Expected:
    return Expected("AE", frozenset(codes), frozenset(strict), reason=reason)


_SENTENCE = "a sentence stands in place of the document"
_RECORD = "it is meant for a patient record (DPI, RIS), which Passeur does not keep: saying AA would lose the document"
_RADIOLOGY = (
    "the document breaks the header it claims: no setId, versionNumber at a wrong place, a date without its zone, a "
    "PDF that is no PDF/A-1 (today's official rules refuse the qualifier SP of its family name as well)"
)
_BIOLOGY = "the PDF copy is no PDF/A-1 and a date inside the document does not exist: a person must look"

TABLE = {
    f"{W2T}/MDM/Transmission initiale MDM/message_MDM_CR_Radio_INIT_N1_Base64.er7": Expected(
        "AA", fate=Disposition.REFUSE, reason=_RADIOLOGY),
    f"{W2T}/MDM/Transmission initiale MDM/message_MDM_CR_Radio_INIT_N1.er7": _ae("hl7v2.not_cda", reason=_SENTENCE),
    f"{W2T}/MDM/Remplacement MDM/message_MDM_CR_Radio_RPLC_N1.er7": Expected(
        "AA", fate=Disposition.REFUSE, reason=_RADIOLOGY),
    f"{W2T}/MDM/Suppression MDM/message_MDM_CR_Radio_DEL_N1.er7": Expected(
        "AA", fate=Disposition.REFUSE, reason=_RADIOLOGY, kind=OrderKind.DELETE),
    f"{W2T}/ORU/Transmission initiale ORU/message_ORU_CR_Bio_INIT_N3_SEGUR.hl7": Expected(
        "AA", fate=Disposition.HOLD, reason=_BIOLOGY),
    f"{W2T}/ORU/Remplacement ORU/message_ORU_CR_Bio_RPLC_N3_SEGUR.hl7": Expected(
        "AA", fate=Disposition.HOLD, reason=_BIOLOGY),
    f"{W2L}/Transmission initiale MDM/message_MDM__LPS_MSS_CR_Radio_INIT_N1_Base64.er7": _ae(
        "hl7v2.delivery_flow", reason=_RECORD),
    f"{W2L}/Transmission initiale MDM/message_MDM__LPS_MSS_CR_Radio_INIT_N1.er7": _ae(
        "hl7v2.delivery_flow", "hl7v2.not_cda", reason=_SENTENCE),
    f"{W2L}/Remplacement MDM/message_MDM__LPS_MSS_CR_Radio_RPLC_N1.er7": _ae("hl7v2.delivery_flow", reason=_RECORD),
    f"{VT}/V2.0/ORU/Transmission initiale ORU/message_ORU_CR_Bio_INIT_N1_N3.hl7": _ae(
        "hl7v2.not_cda", reason=_SENTENCE),
    f"{VT}/V1.2/ORU/message.hl7": _ae("hl7v2.not_cda", strict=("hl7v2.coding_system",), reason=_SENTENCE),
    f"{VT}/V1.2/MDM/message.hl7": _ae("hl7v2.not_cda", strict=("hl7v2.coding_system",), reason=_SENTENCE),
    f"{PAM}/ConsentementConsultation_NonOppositionAlimentation.er7": Expected("AA"),
    f"{PAM}/NonConsentementConsultation_OppositionAlimentation.er7": Expected("AA"),
    f"{PAM}/NonRecueillieConsentementConsultation_NonOppositionAlimentation.er7": Expected("AA"),
    "SGL/admission.er7": Expected("AA"),
    **{f"{VT}/V2.0/ORU/Transmission initiale ORU/Message metier {name}": Expected("AA") for name in (
        "reception DMP", "reception MSS", "lecture MSS")},
    **{f"{where}/ack.{kind}": Expected(None) for where, kind in (
        (f"{W2T}/MDM/Remplacement MDM", "er7"),
        (f"{W2T}/MDM/Suppression MDM", "er7"),
        (f"{W2L}/Remplacement MDM", "er7"),
        (f"{W2L}/Transmission initiale MDM", "er7"),
        (f"{VT}/V2.0/ORU/Transmission initiale ORU", "hl7"),
        (f"{VT}/V1.2/ORU", "hl7"),
        (f"{VT}/V1.2/MDM", "hl7"),
    )},
}  # fmt: skip

# Examples that are not in every copy of the corpus → what refuses them at least, and why.
NEVER_LEAVE = {
    f"{W2T}/ORU/Suppression ORU/message_ORU_CR_Bio_DEL_N3_SEGUR.hl7": (
        "hl7v2.other_patient", "the document is another patient's"),
    f"{VT}/V2.1/ORU/Remplacement ORU/message_ORU_CR_Bio_RPLC_N1_Base64_N3_Base64.er7": (
        "hl7v2.other_patient", "both documents are another patient's"),
    f"{VT}/V2.1/ORU/Suppression ORU/message_ORU_CR_Bio_DEL_N1_Base64_N3_Base64.er7": (
        "hl7v2.other_patient", "both documents are another patient's"),
    f"{VT}/V2.1/ORU/Transmission initiale ORU/message_ORU_CR_Bio_INIT_N1_N3.hl7": ("hl7v2.not_cda", _SENTENCE),
    f"{VT}/V2.0/ORU/Remplacement ORU/message_ORU_CR_Bio_RPLC_N1_Base64_N3_Base64.er7": (
        "hl7v2.no_replacement_link", "the second document does not say what it replaces"),
    f"{VT}/V2.0/MDM/Remplacement MDM/message_MDM_CR_Radio_RPLC_N1.er7": ("hl7v2.not_cda", _SENTENCE),
    f"{W2L}/Suppression MDM/message_MDM__LPS_MSS_CR_Radio_DEL_N1.er7": ("hl7v2.delivery_flow", _RECORD),
    f"{VL}/MDM/messageDocB64.hl7": ("hl7v2.other_patient", "the document is another patient's"),
    f"{VL}/MDM/message.hl7": ("hl7v2.delivery_flow", "the document is cut short"),
    f"{VL}/Remplacement MDM/message_MDM__LPS_MSS_CR_Radio_RPLC_N1.er7": (
        "hl7v2.delivery_flow", "a document that replaces itself"),
}  # fmt: skip


def content_of(name: str) -> bytes:
    file = OFFICIAL / name
    if not file.is_file():
        pytest.skip(f"this official example is not beside us: {name}")
    return file.read_bytes()


async def answered(*contents: bytes, strictness: Strictness = Strictness.TOLERANT) -> list[Message]:
    """Send on one connection of the real listener; the ACKs, in their order."""

    async def accept(inbound: InboundMessage) -> Accepted:
        return Accepted("kept", False, FORMAT.acknowledge(inbound, context(strictness=strictness)))

    async with serving(accept) as source, mllp_sender(source) as ris:
        answers = []
        for content in contents:
            await ris.send(content)
            answers.append(Message.parse(await ris.answer()))
    return answers


def fate(draft: Draft) -> Disposition:
    """The strictest of all that is said of a document before it leaves, by our own rules."""
    assert draft.version is not None
    built = build(
        draft.document,
        draft.version,
        None,
        document_type=DOCUMENT_TYPE,
        validator=Validator(None),
        software=SOFTWARE,
        production=False,
    )
    return disposition((*draft.findings, *built.findings))


def errors_of(answer: Message) -> set[str]:
    return {one.text("7") or "" for one in answer.all("ERR") if one.text("4") in {"E", "F"}}


@pytest.mark.parametrize("strictness", [Strictness.TOLERANT, Strictness.STRICT])
@pytest.mark.parametrize("name", [name for name, one in TABLE.items() if one.answer])
async def test_each_example_is_answered_as_the_table_says(name: str, strictness: Strictness) -> None:
    expected = TABLE[name]
    content = content_of(name)
    (answer,) = await answered(content, strictness=strictness)
    refused = expected.refused | (expected.strict if strictness is Strictness.STRICT else frozenset())
    assert (answer.text("MSA-1"), answer.text("MSA-2")) == (expected.answer, Message.parse(content).text("MSH-10"))
    assert answer.text("MSH-9.2") == Message.parse(content).text("MSH-9.2")
    assert errors_of(answer) >= refused
    conversion = convert(content, strictness=strictness)
    assert {one.code for one in conversion.findings if one.disposition is Disposition.REFUSE} == refused
    assert [draft.kind for draft in conversion.drafts] == ([expected.kind] if expected.fate else [])


@pytest.mark.parametrize("name", [name for name, one in TABLE.items() if one.answer is None])
def test_an_answer_is_not_answered(name: str) -> None:
    inbound = InboundMessage(content_of(name), "ris", "ack", context().received_at)
    assert FORMAT.acknowledge(inbound, context()) is None


@pytest.mark.parametrize("name", [name for name, one in TABLE.items() if one.fate is not None])
def test_no_document_of_an_example_leaves_and_the_table_says_why(name: str) -> None:
    expected = TABLE[name]
    (draft,) = convert(content_of(name)).drafts
    assert fate(draft) is expected.fate
    assert expected.reason


@pytest.mark.parametrize("strictness", list(Strictness))
@pytest.mark.parametrize("name", NEVER_LEAVE)
async def test_a_document_that_must_never_leave_never_leaves(name: str, strictness: Strictness) -> None:
    code, _ = NEVER_LEAVE[name]
    content = content_of(name)
    (answer,) = await answered(content, strictness=strictness)
    assert answer.text("MSA-1") == "AE"
    assert code in errors_of(answer)
    assert convert(content, strictness=strictness).drafts == ()


@needs_official
def test_every_example_is_judged_and_none_of_an_unknown_one_leaves() -> None:
    for file in official():
        if str(file.relative_to(OFFICIAL)) in TABLE:
            continue
        for draft in convert(file.read_bytes()).drafts:
            assert fate(draft) is not Disposition.PUBLISH, file.name


@needs_official
@pytest.mark.parametrize("strictness", ["strict", "tolerant"])
async def test_nothing_leaves_the_engine_when_all_the_examples_are_sent_to_it(tmp_path: Path, strictness: str) -> None:
    async with document_line(tmp_path, strictness=strictness) as line:
        for file in official():
            await line.exchange(file.read_bytes())
        rows = await line.settled()
        assert len(rows) == len({file.read_bytes() for file in official()})
        assert list(line.dmp.entries) == []
        assert list(line.mail.mails) == []


# -- cases derived from the examples, on documents of ours ------------------------------------------------------------

ALL = [sender(), doctor(), patient()]
Make = Callable[[], bytes]
DERIVED: dict[str, tuple[Make, str, str, str]] = {
    "73 ORC-1 against the event": (
        lambda: with_value(message(cda()), "ORC-1", b"RO"), "AE", "incoherent_action", "207"),
    "74 OBX-11 against ORC-1": (
        lambda: with_value(message(cda(), kind="ORU"), "OBX-11", b"D"), "AE", "incoherent_action", "207"),
    "75 hidden from the patient and mailed to them": (
        lambda: message(cda(), flags=flags(INVISIBLE_PATIENT="Y", DESTMSSANTEPAT="Y"), participants=ALL),
        "AE", "hidden_and_mailed", "207"),
    "76 a mail without recipient": (
        lambda: message(cda(), participants=[sender()]), "AE", "no_recipient", "101"),
    "77 the DMP without sender": (lambda: message(cda(), participants=[doctor()]), "AE", "no_sender", "101"),
    "78 a version that is not supported": (
        lambda: with_value(message(cda()), "MSH-12", b"2.9"), "AE", "version", "203"),
    "79 an event that is not supported": (lambda: with_value(message(cda()), "MSH-9.2", b"T11"), "AE", "event", "201"),
    "79 a type that is not supported": (
        lambda: with_value(message(cda()), "MSH-9.1", b"ORM"), "AE", "message_type", "200"),
    "80 an INS that is not validated": (
        lambda: message(cda(), identity=pid(reliability="PROV")), "AE", "document_ins_not_validated", "207"),
    "88 MSH-9 with one component too many": (
        lambda: with_value(message(cda()), "MSH-9", b"MDM^T02^MDM^T02^MDM_T02"), "AA", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", DERIVED)
async def test_a_derived_case_is_answered_as_it_must(name: str) -> None:
    make, expected, code, condition = DERIVED[name]
    (answer,) = await answered(make())
    assert answer.text("MSA-1") == expected
    if code:
        found = {one.text("7"): one.text("3.1") for one in answer.all("ERR")}
        assert found[f"hl7v2.{code}"] == condition
        assert convert(make()).drafts == ()


async def test_81_the_same_bytes_are_answered_the_same() -> None:
    first, again = await answered(message(cda()), message(cda()))
    assert first.content == again.content
    assert first.text("MSA-1") == "AA"


@pytest.mark.parametrize(
    ("codec", "declared", "doubt"),
    [
        ("utf-8", b"UNICODE UTF-8", False),
        ("iso8859-15", b"8859/15", False),
        ("iso8859-15", b"UNICODE UTF-8", True),
        ("utf-8", b"8859/15", True),
        ("iso8859-15", b"", True),
    ],
)
async def test_82_the_character_set_is_that_of_the_bytes(codec: str, declared: bytes, doubt: bool) -> None:
    content = with_value(message(cda()), "MSH-18", declared).decode("utf-8").encode(codec)
    (answer,) = await answered(content)
    assert answer.text("MSA-1") == "AA"
    conversion = convert(content)
    (draft,) = conversion.drafts
    assert draft.instructions.requester is not None and draft.instructions.requester.name is not None
    assert draft.instructions.requester.name.given == "Andréa"
    assert doubt is any("charset" in one.code for one in conversion.findings)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"])
@pytest.mark.parametrize("mark", [b"", "\ufeff".encode()])
async def test_83_however_its_lines_end_it_is_the_same_message(end: bytes, mark: bytes) -> None:
    plain = message(cda())
    content = mark + plain.replace(b"\r", end)
    (answer,) = await answered(content)
    assert answer.text("MSA-1") == "AA"
    assert convert(content).drafts == convert(plain).drafts


@pytest.mark.parametrize("mebibytes", [1, 10])
async def test_84_a_large_document_is_taken_whole(mebibytes: int) -> None:
    raw = cda()
    large = raw.replace(b"</ClinicalDocument>", b"</ClinicalDocument>" + b" " * (mebibytes << 20))
    (answer,) = await answered(message(large))
    assert answer.text("MSA-1") == "AA"
    (draft,) = convert(message(large)).drafts
    assert draft.document.body == replace(draft.document.body, cda=large)  # type: ignore[type-var]


def test_85_each_request_of_a_message_is_a_demand_of_its_own() -> None:
    one = message(cda(), kind="ORU")
    other = message(cda(replace(FIRST, id=replace(FIRST.id, root="1.2.250.1.999.7.8"))), kind="ORU")
    drafts = convert(one + other[other.index(b"ORC|") :]).drafts
    assert [draft.version.id.root for draft in drafts if draft.version] == [FIRST.id.root, "1.2.250.1.999.7.8"]


async def test_no_answer_names_the_patient() -> None:
    for make, *_ in DERIVED.values():
        (answer,) = await answered(make())
        assert INS.encode() not in answer.content
        assert b"TESTNAISSANCE" not in answer.content
