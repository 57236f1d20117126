"""The mail as bytes, read again by the standard library: headers, text, attachments, and nothing else."""

from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.destinations.mssante import mime
from connectors.destinations.mssante.facts import document_facts, refuse_other_patient
from connectors.destinations.mssante.mail import mail, subject
from connectors.destinations.mssante.recipients import mailbox
from connectors.destinations.mssante.settings import MssanteSettings
from engine.errors import DocumentError, PermanentError
from engine.exchange import Order, OrderKind
from engine.model.values import Code, Identifier, Timestamp
from tests.unit.mssante import orders

HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Disposition-Notification-To",
    "X-MSS-CODECDA", "X-MSS-INS", "X-MSS-NIL", "MIME-Version", "Content-Type",
]  # fmt: skip


def written(order: Order, chosen: MssanteSettings | None = None) -> bytes:
    used = chosen or orders.settings()
    return mail(order, mailbox(order, used), document_facts(order.package.cda), used, orders.SITE)


def reread(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.SMTP)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def text(message: EmailMessage) -> str:
    (part,) = (one for one in message.walk() if one.get_content_type() == "text/plain")
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def test_the_headers_are_those_of_the_rules_and_no_other() -> None:
    message = reread(written(orders.order()))
    assert list(message.keys()) == HEADERS
    assert message["From"].addresses[0].addr_spec == "labo@labo.mssante.example"
    assert message["From"].addresses[0].display_name == "Laboratoire d'Essai"
    assert getaddresses([message["To"]]) == [("", orders.PRESCRIBER)]
    assert message["Subject"] == "XDM/1.0/DDM+CR d'examens biologiques TESTNAISSANCE Helene 12/03/1985"
    assert parsedate_to_datetime(message["Date"]) == orders.CREATED_AT
    assert message["Message-ID"] == "<8c1f5d0e-4a5b-5c6d-8e7f-000000000001@labo.mssante.example>"
    assert getaddresses([message["Disposition-Notification-To"]]) == [("", "labo@labo.mssante.example")]
    assert (message["X-MSS-CODECDA"], message["X-MSS-INS"], message["X-MSS-NIL"]) == ("11502-2", "O", "12345678")
    assert message["X-MSS-MES"] is None


def test_it_holds_a_text_the_archive_and_the_readable_copy_in_that_order() -> None:
    for order in (orders.order(), orders.order(orders.LEVEL_3)):
        message = reread(written(order))
        assert message.get_content_type() == "multipart/mixed"
        parts = [part for part in message.walk() if not part.is_multipart()]
        assert [part.get_content_type() for part in parts] == ["text/plain", "application/zip", "application/pdf"]
        assert [part.get_filename() for part in parts] == [None, "IHE_XDM.zip", order.package.file_name + ".pdf"]
        assert [part.get_content_disposition() for part in parts] == [None, "attachment", "attachment"]
        assert parts[0].get_content_charset() == "utf-8"
        assert parts[2].get_payload(decode=True) == order.package.pdf


def test_no_relay_has_a_reason_to_touch_it() -> None:
    content = written(orders.order(orders.LEVEL_3), orders.settings(sender_name="Laboratoire de l'Œuvre à Évry"))
    lines = content.split(b"\r\n")
    assert content.isascii()
    assert content.endswith(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert not any(line.startswith(b".") for line in lines)
    assert max(len(line) for line in lines if b'name="' not in line) <= 78
    encodings = re.findall(rb"Content-Transfer-Encoding: (\w+)", content)
    assert encodings == [b"base64"] * 3


def test_the_same_order_gives_the_same_bytes_and_another_order_none_of_its_marks() -> None:
    first, again = written(orders.order()), written(replace(orders.order(), attempt=7))
    other = written(orders.order(order_id="8c1f5d0e-4a5b-5c6d-8e7f-000000000002"))
    assert first == again
    assert reread(first)["Message-ID"] != reread(other)["Message-ID"]
    assert reread(first).get_boundary() != reread(other).get_boundary()


def test_a_text_says_that_it_is_automatic_and_whom_to_call() -> None:
    chosen = orders.settings(contact="02 35 00 00 01", reply_to="secretariat@labo.mssante.example")
    message = reread(written(orders.order(), chosen))
    said = text(message)
    assert "« Compte rendu d'examens biologiques »" in said
    assert "envoyé automatiquement par Laboratoire d'Essai" in said
    assert "Contact : 02 35 00 00 01, secretariat@labo.mssante.example" in said
    assert getaddresses([message["Reply-To"]]) == [("", "secretariat@labo.mssante.example")]


def test_no_text_speaks_of_the_patient() -> None:
    patient = orders.LEVEL_1.patient
    said = text(reread(written(orders.order())))
    for word in (patient.birth_name, patient.used_name, patient.first_given_name, "285039900000193"):
        assert word is not None
        assert word not in said


def test_a_correction_says_that_it_cancels_and_replaces() -> None:
    first, second = (reread(written(orders.order(orders.LEVEL_3, version=v))) for v in (orders.FIRST, orders.SECOND))
    assert "annule et remplace" not in text(first)
    assert "annule et remplace" in text(second)
    assert second["Subject"] == first["Subject"]


def test_a_correction_says_it_in_its_subject_where_that_was_asked_for() -> None:
    chosen = orders.settings(replacement_in_subject=True)
    first, second = (
        reread(written(orders.order(orders.LEVEL_3, version=v), chosen)) for v in (orders.FIRST, orders.SECOND)
    )
    assert second["Subject"] == "[Annule et remplace] " + first["Subject"]


def test_a_deletion_says_it_in_its_subject_where_that_was_asked_for() -> None:
    order = orders.order(orders.LEVEL_3, version=orders.SECOND, kind=OrderKind.DELETE)
    told = reread(written(order, orders.settings(replacement_in_subject=True)))["Subject"]
    assert told == "[Suppression] " + reread(written(order))["Subject"]


def test_a_deletion_and_its_document_are_two_mails() -> None:
    """The engine makes another order of each deletion."""
    first = reread(written(orders.order()))
    second = reread(written(orders.order(order_id="deletion", kind=OrderKind.DELETE)))
    assert first["Message-ID"] != second["Message-ID"]
    assert list(first.keys()) == list(second.keys())


def test_a_patient_is_told_not_to_reply_unless_they_may() -> None:
    closed = reread(written(orders.to_patient(), orders.settings(to="patient")))
    open_ = reread(written(orders.to_patient(), orders.settings(to="patient", patient_may_reply=True)))
    assert closed["X-MSS-MES"] == "FIN"
    assert "ne pas y répondre" in text(closed)
    assert open_["X-MSS-MES"] is None
    assert "répondre" not in text(open_)


def test_a_document_without_an_ins_says_so() -> None:
    assert reread(written(orders.order(orders.WITHOUT_INS)))["X-MSS-INS"] == "N"


def test_a_receipt_is_asked_for_only_where_wanted() -> None:
    assert reread(written(orders.order(), orders.settings(read_receipt=False)))["Disposition-Notification-To"] is None


def test_a_document_without_its_readable_copy_does_not_leave() -> None:
    order = orders.order()
    with pytest.raises(PermanentError) as caught:
        written(replace(order, package=replace(order.package, pdf=None)))
    assert caught.value.code == "mssante.no_pdf"


def test_what_is_larger_than_the_operator_takes_does_not_leave() -> None:
    size = len(written(orders.order()))
    assert written(orders.order(), orders.settings(max_message_bytes=size))
    with pytest.raises(PermanentError) as caught:
        written(orders.order(), orders.settings(max_message_bytes=size - 1))
    assert caught.value.code == "mssante.too_large"
    assert str(size) in caught.value.message


def test_twenty_six_megabytes_never_go_to_a_patient() -> None:
    order = replace(orders.to_patient(), package=replace(orders.to_patient().package, pdf=bytes(19_000_000)))
    with pytest.raises(PermanentError) as caught:
        written(order, orders.settings(to="patient", max_message_bytes=50_000_000))
    assert caught.value.code == "mssante.too_large"


@pytest.mark.parametrize("name", ["20240312_CR_ESSAI_JEANNE", 'Été/..\\\r\nX: y"', "é" * 400, ""])
def test_the_name_of_the_readable_copy_is_plain_ascii_whatever_it_is_given(name: str) -> None:
    content = written(orders.order(name=name))
    parts = [part for part in reread(content).walk() if part.get_content_type() == "application/pdf"]
    assert re.fullmatch(r"[A-Za-z0-9_.-]{0,220}\.pdf", parts[0].get_filename() or "")
    assert b"filename*" not in content


# -- subject ----------------------------------------------------------------------------------------------------------

REPORT = Code("11502-2", "2.16.840.1.113883.6.1", "CR d'examens biologiques")


@pytest.mark.parametrize("value", ["1985", "198503"])
def test_a_birth_date_known_in_part_is_not_completed(value: str) -> None:
    patient = replace(orders.LEVEL_1.patient, birth_time=Timestamp(value))
    assert subject(REPORT, patient) == "XDM/1.0/DDM+CR d'examens biologiques TESTNAISSANCE Helene"


def test_a_patient_known_by_used_names_alone_is_named_by_them() -> None:
    patient = replace(
        orders.LEVEL_1.patient, birth_name=None, first_given_name=None, used_given_name="Zoé", birth_time=None
    )
    assert subject(REPORT, patient) == "XDM/1.0/DDM+CR d'examens biologiques FICTIVE Zoe"


def test_a_long_label_is_cut_at_forty_characters() -> None:
    long = replace(REPORT, display="Compte rendu d'examens de biologie médicale de ville")
    assert subject(long, orders.LEVEL_1.patient).startswith(
        "XDM/1.0/DDM+Compte rendu d'examens de biologie médic TESTNAISSANCE "
    )


NAMES = st.one_of(
    st.text(alphabet="abcdeéèêëïôùûüçœæÉÈÀÇŒ'’- ", min_size=1, max_size=80),
    st.text(alphabet="=?_utf8Qq ABCé", min_size=1, max_size=80),
    st.text(min_size=1, max_size=80),
)


@examples(max_examples=150, deadline=None)
@given(NAMES, NAMES)
def test_any_name_is_read_again_as_it_was_written(family: str, given_name: str) -> None:
    patient = replace(orders.LEVEL_1.patient, birth_name=family, first_given_name=given_name)
    expected = subject(REPORT, patient)
    block = f"Subject: {mime.unstructured('Subject', expected)}\r\n\r\n"
    assert block.isascii()
    assert max(map(len, block.split("\r\n"))) <= 78
    read = email.message_from_bytes(block.encode(), policy=email.policy.SMTP)
    assert len(read.keys()) == 1
    shown = "".join(sign if sign.isprintable() else " " for sign in expected)
    assert str(read["Subject"]) == " ".join(shown.split())


@examples(max_examples=150, deadline=None)
@given(NAMES)
def test_any_label_beside_our_address_is_read_again(label: str) -> None:
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in label).split())
    if not shown:
        return
    block = f"From: {mime.address('From', shown, 'labo@labo.mssante.example')}\r\n\r\n"
    assert max(map(len, block.split("\r\n"))) <= 78
    ((found, mailbox_found),) = getaddresses([email.message_from_bytes(block.encode("ascii"))["From"]])
    assert mailbox_found == "labo@labo.mssante.example"
    assert str(make_header(decode_header(found))) == shown


# -- the same patient everywhere --------------------------------------------------------------------------------------


def judged(order: Order, *, production: bool = False) -> None:
    refuse_other_patient(document_facts(order.package.cda), order, production=production)


def test_the_document_of_another_patient_does_not_leave() -> None:
    other = orders.rendered(orders.LEVEL_3, orders.FIRST).cda
    with pytest.raises(PermanentError) as caught:
        judged(orders.order(cda=other))
    assert caught.value.code == "mssante.ins_differs"


def test_an_unqualified_matricule_does_not_leave_in_a_document() -> None:
    known = orders.LEVEL_1.patient
    assert known.ins is not None
    unqualified = replace(known, ins=replace(known.ins, qualified=False))
    with pytest.raises(PermanentError) as caught:
        judged(orders.order(patient=unqualified))
    assert caught.value.code == "mssante.ins_differs"


def test_another_document_does_not_leave() -> None:
    order = orders.order(cda=orders.rendered(orders.LEVEL_1, orders.SECOND).cda)
    with pytest.raises(PermanentError) as caught:
        judged(order)
    assert caught.value.code == "mssante.document_differs"


def test_a_test_identity_never_leaves_in_production() -> None:
    judged(orders.order())
    with pytest.raises(PermanentError) as caught:
        judged(orders.order(), production=True)
    assert caught.value.code == "mssante.environment"
    judged(orders.order(orders.WITHOUT_INS), production=True)


def test_a_document_of_two_patients_or_without_a_code_is_no_document() -> None:
    cda = orders.order().package.cda
    role = re.search(rb"<recordTarget.*?</recordTarget>", cda, re.DOTALL)
    code = re.search(rb"<code code=\"11502-2\"[^>]*/>", cda)
    assert role is not None
    assert code is not None
    for wrong in (cda.replace(role[0], role[0] * 2), cda.replace(code[0], b"", 1), b"<a>", b"<!DOCTYPE a><a/>"):
        with pytest.raises(DocumentError):
            document_facts(wrong)


def test_the_facts_come_from_the_document_itself() -> None:
    facts = document_facts(orders.order(orders.LEVEL_3, version=orders.SECOND).package.cda)
    assert facts.id == orders.SECOND.id
    assert facts.replaces
    assert facts.identified
    known = orders.LEVEL_3.patient.ins
    assert known is not None
    assert facts.ins == {Identifier(known.oid, known.matricule)}
    assert facts.custodian == "Laboratoire du Quai"
