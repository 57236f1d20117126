"""IHE_XDM.zip, opened by the standard library and read by its metadata."""

from __future__ import annotations

import hashlib
import io
import re
import stat
import zipfile
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from lxml import etree

from connectors.destinations.mssante.facts import document_facts
from connectors.destinations.mssante.xdm import xdm
from engine.errors import DocumentError
from engine.exchange import Order, OrderKind
from engine.model.instructions import Instructions, Visibility
from engine.model.parties import Professional
from engine.model.values import Identifier
from engine.xds.ebrim import read_submission
from engine.xds.values import Submission
from tests.unit.mssante import orders

FILES = ["INDEX.HTM", "README.TXT", "IHE_XDM/SUBSET01/METADATA.XML", "IHE_XDM/SUBSET01/DOC0001.XML"]


def made(order: Order) -> bytes:
    return xdm(order, document_facts(order.package.cda), orders.settings(), orders.SITE)


def opened(order: Order) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(made(order)))
    assert archive.testzip() is None
    return archive


def submission(order: Order) -> Submission:
    return read_submission(etree.fromstring(opened(order).read(FILES[2])))


def test_it_has_the_layout_of_a_virtual_medium_with_8_3_names() -> None:
    archive = opened(orders.order())
    assert archive.namelist() == FILES
    for name in FILES:
        assert all(re.fullmatch(r"[A-Z0-9_]{1,8}(\.[A-Z]{3})?", part) for part in name.split("/"))


def test_the_document_is_there_byte_for_byte_and_its_metadata_describe_it() -> None:
    for order in (orders.order(), orders.order(orders.LEVEL_3)):
        cda = opened(order).read(FILES[3])
        (entry,) = submission(order).entries
        assert cda == order.package.cda
        assert entry.uri == "DOC0001.XML"
        assert entry.size == len(cda)
        assert entry.hash == hashlib.sha1(cda).hexdigest()
        assert entry.unique_id == order.package.version.id.root
        assert entry.action is None


def test_unzipped_on_a_unix_its_files_can_be_read() -> None:
    for file in opened(orders.order()).infolist():
        assert stat.S_IMODE(file.external_attr >> 16) == 0o644
        assert stat.S_ISREG(file.external_attr >> 16)
        assert file.date_time == (2026, 1, 5, 9, 30, 12)


def test_the_same_order_gives_the_same_archive_wherever_its_clock_stands() -> None:
    order = orders.order()
    elsewhere = replace(order, created_at=order.created_at.astimezone(timezone(timedelta(hours=2))))
    assert made(order) == made(elsewhere)


def test_two_orders_of_one_document_are_two_submissions_of_it() -> None:
    first, second = submission(orders.order()), submission(orders.order(order_id="other"))
    assert first.submission_set.unique_id != second.submission_set.unique_id
    assert first.entries[0].unique_id == second.entries[0].unique_id
    assert first.submission_set.source_id == orders.SITE.instance_oid
    assert first.submission_set.submission_time == "20260105093012"


def test_a_correction_carries_the_action_that_replaces() -> None:
    (entry,) = submission(orders.order(orders.LEVEL_3, version=orders.SECOND)).entries
    assert entry.action == "C"


def test_a_deletion_carries_the_document_and_the_action_that_deletes_it() -> None:
    for version in (orders.FIRST, orders.SECOND):
        order = orders.order(orders.LEVEL_3, version=version, kind=OrderKind.DELETE)
        (entry,) = submission(order).entries
        assert entry.action == "D"
        assert opened(order).read(FILES[3]) == order.package.cda


def test_who_must_not_see_it_is_in_the_metadata() -> None:
    asked = Instructions(visibility=(Visibility.MASQUE_PS, Visibility.INVISIBLE_REPRESENTANTS_LEGAUX))
    (entry,) = submission(orders.order(instructions=asked)).entries
    found = [code.code for code in entry.confidentiality_codes]
    assert found == ["N", "MASQUE_PS", "INVISIBLE_REPRESENTANTS_LEGAUX"]


def test_without_anybody_to_name_the_author_of_the_submission_is_the_document_s() -> None:
    nameless = Professional(Identifier("1.2.250.1.71.4.2.1", "810101010101"), None)
    for asked in (Instructions(), Instructions(requester=nameless)):
        found = submission(orders.order(instructions=asked))
        assert found.submission_set.authors == found.entries[0].authors


def test_answers_are_received_where_the_mail_says() -> None:
    asked = Instructions(reply_to="secretariat@clinique.mssante.example")
    readme = opened(orders.order(instructions=asked)).read("README.TXT").decode()
    assert "  Messagerie : secretariat@clinique.mssante.example\r\n" in readme


def test_a_patient_without_an_ins_is_told_by_the_laboratorys_own_number() -> None:
    found = submission(orders.order(orders.WITHOUT_INS))
    assert found.entries[0].patient_id == "P-1001^^^&2.25.100.1&ISO^PI"
    assert found.submission_set.patient_id == found.entries[0].patient_id


def test_the_index_leads_to_everything_and_names_nobody() -> None:
    archive = opened(orders.order())
    index = archive.read("INDEX.HTM")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    links = etree.fromstring(index, parser).findall(".//{http://www.w3.org/1999/xhtml}a")
    assert sorted(link.get("href") for link in links) == sorted(name for name in FILES if name != "INDEX.HTM")
    for content in (index, archive.read("README.TXT")):
        assert not [secret for secret in orders.SECRETS if secret.encode() in content]


def test_the_readme_says_who_sends_with_what_and_what_there_is() -> None:
    readme = opened(orders.order(orders.LEVEL_3)).read("README.TXT").decode()
    titles = [line for line in readme.splitlines() if line and not line.startswith(" ")]
    assert titles == ["Emetteur", "Application de l'émetteur", "Instructions", "Arborescence"]
    assert "  Organisme : Laboratoire du Quai\r\n" in readme
    assert re.search(r"  Adresse : 4 quai des Essais.* 76600 LE HAVRE.*\r\n", readme)
    assert re.search(r"  Téléphone : 02 ?35 ?00 ?00 ?01\r\n", readme)
    assert all(name in readme for name in FILES)


def test_a_sender_name_cannot_break_the_index() -> None:
    order = orders.order()
    content = xdm(order, document_facts(order.package.cda), orders.settings(sender_name="A & <B>"), orders.SITE)
    index = zipfile.ZipFile(io.BytesIO(content)).read("INDEX.HTM")
    assert b"A &amp; &lt;B&gt;" in index


def test_a_document_without_its_metadata_is_refused_with_every_reason() -> None:
    order = orders.order()
    cda = order.package.cda.replace(b"standardIndustryClassCode", b"otherCode").replace(b"healthCareFacility>", b"x>")
    with pytest.raises(DocumentError) as caught:
        made(orders.order(cda=cda))
    assert len(caught.value.findings) >= 2
