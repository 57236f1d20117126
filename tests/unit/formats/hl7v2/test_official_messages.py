"""The official examples, as published: what a conformant receiver says of each (parsing and validation only)."""

from __future__ import annotations

import pytest

from engine.findings import Disposition
from engine.formats.hl7v2.er7 import Message
from engine.formats.hl7v2.findings import Mode
from engine.formats.hl7v2.validation import findings
from tests.unit.formats.hl7v2.messages import OFFICIAL, needs_official, official

_W2T = "Vague 2/Trans_Doc-CDA-HL7V2/TRANSMISSION_DOCS_CDA_EN_HL7V2_V2.1"
_W2L = "Vague 2/Trans_LPS_CDA_MSSanté/TRANSMISSION_LPS_DOC_CDA_COURRIEL_FROM_MSSANTE_V1.1"
_VT = "Volets/TRANS_DOC_CDA_HL7V2"
_PAM = "Vague 2/Consentement_DMP_PAMFR"
_NOTHING: frozenset[str] = frozenset()
_NO_CDA = frozenset({"hl7v2.not_cda"})
_V1 = _NO_CDA | {"hl7v2.coding_system"}

# file → what refuses it in the tolerant mode, what more in the strict one, and why
REFUSED = {
    f"{_W2T}/MDM/Transmission initiale MDM/message_MDM_CR_Radio_INIT_N1.er7": (
        _NO_CDA, _NOTHING, "a sentence stands in place of the document"),
    f"{_W2L}/Transmission initiale MDM/message_MDM__LPS_MSS_CR_Radio_INIT_N1.er7": (
        _NO_CDA, _NOTHING, "a sentence stands in place of the document"),
    f"{_VT}/V2.0/ORU/Transmission initiale ORU/message_ORU_CR_Bio_INIT_N1_N3.hl7": (
        _NO_CDA, _NOTHING, "a sentence stands in place of both documents"),
    f"{_VT}/V1.2/ORU/message.hl7": (
        _NO_CDA, _V1, "a sentence stands in place of the document; codes have no coding system"),
    f"{_VT}/V1.2/MDM/message.hl7": (
        _NO_CDA, _V1, "a sentence stands in place of the document; codes have no coding system"),
}  # fmt: skip

# file → what is said of it, and does not stop it (both modes)
SAID = {
    f"{_W2T}/MDM/Transmission initiale MDM/message_MDM_CR_Radio_INIT_N1_Base64.er7": {
        "hl7v2.document_id_extra", "hl7v2.mss_matrix"},
    f"{_W2T}/MDM/Remplacement MDM/message_MDM_CR_Radio_RPLC_N1.er7": {
        "hl7v2.document_id_extra", "hl7v2.mss_matrix"},
    f"{_W2T}/MDM/Suppression MDM/message_MDM_CR_Radio_DEL_N1.er7": {
        "hl7v2.document_id_extra", "hl7v2.parent_unused", "hl7v2.base64_padding", "hl7v2.mss_matrix"},
    f"{_W2T}/MDM/Remplacement MDM/ack.er7": set(),
    f"{_W2T}/MDM/Suppression MDM/ack.er7": set(),
    f"{_W2T}/ORU/Transmission initiale ORU/message_ORU_CR_Bio_INIT_N3_SEGUR.hl7": {
        "hl7v2.patient_mailbox", "hl7v2.ids_differ", "hl7v2.mail_body", "hl7v2.structure_id"},
    f"{_W2T}/ORU/Remplacement ORU/message_ORU_CR_Bio_RPLC_N3_SEGUR.hl7": {
        "hl7v2.base64_padding", "hl7v2.ids_differ", "hl7v2.mail_body", "hl7v2.structure_id"},
    f"{_W2L}/Transmission initiale MDM/message_MDM__LPS_MSS_CR_Radio_INIT_N1_Base64.er7": {
        "hl7v2.document_id_extra", "hl7v2.base64_padding", "hl7v2.message_id"},
    f"{_W2L}/Remplacement MDM/message_MDM__LPS_MSS_CR_Radio_RPLC_N1.er7": {
        "hl7v2.document_id_extra", "hl7v2.base64_padding", "hl7v2.message_id"},
    f"{_W2L}/Transmission initiale MDM/ack.er7": set(),
    f"{_W2L}/Remplacement MDM/ack.er7": set(),
    f"{_VT}/V2.0/ORU/Transmission initiale ORU/Message metier reception DMP": set(),
    f"{_VT}/V2.0/ORU/Transmission initiale ORU/Message metier reception MSS": set(),
    f"{_VT}/V2.0/ORU/Transmission initiale ORU/Message metier lecture MSS": set(),
    f"{_VT}/V2.0/ORU/Transmission initiale ORU/ack.hl7": set(),
    f"{_VT}/V1.2/ORU/ack.hl7": set(),
    f"{_VT}/V1.2/MDM/ack.hl7": set(),
    f"{_PAM}/ConsentementConsultation_NonOppositionAlimentation.er7": set(),
    f"{_PAM}/NonConsentementConsultation_OppositionAlimentation.er7": set(),
    f"{_PAM}/NonRecueillieConsentementConsultation_NonOppositionAlimentation.er7": set(),
    "SGL/admission.er7": set(),
}  # fmt: skip


def _content(name: str) -> bytes:
    file = OFFICIAL / name
    if not file.is_file():
        pytest.skip(f"the official example is not beside us: {name}")
    return file.read_bytes()


def _refusing(content: bytes, mode: Mode) -> set[str]:
    found = findings(Message.parse(content), mode)
    return {one.code for one in found if one.disposition is Disposition.REFUSE}


@pytest.mark.parametrize("name", SAID)
def test_an_example_that_may_be_sent_is_accepted_in_both_modes(name):
    content = _content(name)
    for mode in (Mode.STRICT, Mode.TOLERANT):
        found = findings(Message.parse(content), mode)
        assert {one.code for one in found} == SAID[name]
        assert {one.disposition for one in found} <= {Disposition.PUBLISH}


@pytest.mark.parametrize("name", REFUSED)
def test_an_example_that_may_not_be_sent_is_refused_for_its_reason(name):
    content = _content(name)
    tolerant, strict, _ = REFUSED[name]
    assert _refusing(content, Mode.TOLERANT) == tolerant
    assert _refusing(content, Mode.STRICT) == tolerant | strict


@needs_official
def test_every_example_is_read_rebuilt_and_judged_in_every_frame():
    for file in official():
        content = file.read_bytes()
        for framed in (content, content.replace(b"\n", b"\r"), b"\x0b" + content.replace(b"\n", b"\r\n") + b"\x1c\r"):
            message = Message.parse(framed)
            assert message.write() == framed
            assert [one.name for one in message.segments] == [
                line[:3] for line in content.decode("utf-8").split("\n") if line.strip()
            ], file.name
            findings(message, Mode.STRICT)


@needs_official
def test_the_examples_say_what_their_readers_must_find():
    initial = _content(f"{_W2T}/MDM/Transmission initiale MDM/message_MDM_CR_Radio_INIT_N1_Base64.er7")
    message = Message.parse(initial)
    assert message.text("PRT[1]-8.10") is not None
    assert (message.text("PRT[1]-8.10") or "").strip() == "300017985"
    assert message.text("PRT[2]-15.4") == "adam.hoda@test-ci-sis.mssante.fr"
    consent = Message.parse(_content(f"{_PAM}/NonConsentementConsultation_OppositionAlimentation.er7"))
    assert (consent.text("ZFA-9"), consent.text("ZFA-11")) == ("IO", "INC")
    tilde = Message.parse(_content(f"{_VT}/V2.0/ORU/Transmission initiale ORU/message_ORU_CR_Bio_INIT_N1_N3.hl7"))
    assert tilde.text("PID-11[2].9") == "63220"
