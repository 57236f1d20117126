"""The fictitious documents of these tests, and how a test spoils one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lxml import etree

NS = {
    "cda": "urn:hl7-org:v3",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    "sdtc": "urn:hl7-org:sdtc",
}
XSI_TYPE = f"{{{NS['xsi']}}}type"
SAMPLES = {path.stem: path.read_bytes() for path in sorted((Path(__file__).parent / "samples").glob("*.xml"))}
"""By the name of its file."""
CR_BIO = SAMPLES["cr_bio"]
RESULT = "//cda:observation[cda:templateId/@root='1.3.6.1.4.1.19376.1.3.1.6']"


def spoiled(xpath: str, change: Callable[[etree._Element], object], document: bytes = CR_BIO) -> bytes:
    """The document, changed at the first element that `xpath` leads to."""
    root = etree.fromstring(document)
    found = root.xpath(xpath, namespaces=NS)
    assert isinstance(found, list) and found, xpath
    change(found[0])
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def removed(xpath: str, document: bytes = CR_BIO) -> bytes:
    """The document without an element."""

    def remove(element: etree._Element) -> None:
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return spoiled(xpath, remove, document)


def given(xpath: str, attribute: str, value: str, document: bytes = CR_BIO) -> bytes:
    """The document with another value of an attribute."""
    return spoiled(xpath, lambda element: element.set(attribute, value), document)


def without(xpath: str, attribute: str, document: bytes = CR_BIO) -> bytes:
    """The document without an attribute."""
    return spoiled(xpath, lambda element: element.attrib.pop(attribute), document)


def texted(xpath: str, text: str, document: bytes = CR_BIO) -> bytes:
    """The document with another text of an element."""

    def write(element: etree._Element) -> None:
        element.text = text

    return spoiled(xpath, write, document)


def added(xpath: str, child: str, document: bytes = CR_BIO) -> bytes:
    """The document with one more element (CDA, written without namespace) as the last of an element."""
    written = etree.fromstring(f'<x xmlns="{NS["cda"]}" xmlns:xsi="{NS["xsi"]}">{child}</x>')
    return spoiled(xpath, lambda element: element.extend(list(written)), document)


def level_1(text: str = '<text mediaType="application/pdf" representation="B64">JVBERi0xLjQ=</text>') -> bytes:
    """The laboratory report as a document of level 1, whose body is this `text` element."""

    def flatten(root: etree._Element) -> None:
        for template in root.findall("cda:templateId", NS)[3:]:
            root.remove(template)
        root.findall("cda:templateId", NS)[2].set("root", "1.3.6.1.4.1.19376.1.2.20")
        component = root.find("cda:component", NS)
        assert component is not None
        component.clear()
        component.append(etree.fromstring(f'<nonXMLBody xmlns="{NS["cda"]}">{text}</nonXMLBody>'))

    return spoiled("/*", flatten)


def nested(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels
