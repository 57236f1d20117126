"""The fictitious laboratory report of these tests, and how a test spoils it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from lxml import etree

NS = {
    "cda": "urn:hl7-org:v3",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
}
XSI_TYPE = f"{{{NS['xsi']}}}type"
CR_BIO = (Path(__file__).parent / "samples" / "cr_bio.xml").read_bytes()
RESULT = "//cda:observation[cda:templateId/@root='1.3.6.1.4.1.19376.1.3.1.6']"


def spoiled(xpath: str, change: Callable[[etree._Element], object]) -> bytes:
    """The report, changed at the one element that `xpath` leads to."""
    root = etree.fromstring(CR_BIO)
    found = root.xpath(xpath, namespaces=NS)
    assert isinstance(found, list) and found, xpath
    change(found[0])
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def removed(xpath: str) -> bytes:
    """The report without an element."""

    def remove(element: etree._Element) -> None:
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)

    return spoiled(xpath, remove)


def given(xpath: str, attribute: str, value: str) -> bytes:
    """The report with another value of an attribute."""
    return spoiled(xpath, lambda element: element.set(attribute, value))


def without(xpath: str, attribute: str) -> bytes:
    """The report without an attribute."""
    return spoiled(xpath, lambda element: element.attrib.pop(attribute))


def texted(xpath: str, text: str) -> bytes:
    """The report with another text of an element."""

    def write(element: etree._Element) -> None:
        element.text = text

    return spoiled(xpath, write)


def nested(levels: int) -> bytes:
    return b"<a>" * levels + b"</a>" * levels
