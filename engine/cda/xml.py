"""CDA elements: how they are built, where they stand, and the bytes they become."""

from __future__ import annotations

from typing import TypeAlias

from lxml import etree

V3 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
LAB = "urn:oid:1.3.6.1.4.1.19376.1.3.2"
SDTC = "urn:hl7-org:sdtc"
NAMESPACES = {None: V3, "xsi": XSI, "lab": LAB, "sdtc": SDTC}

Element: TypeAlias = etree._Element
Children: TypeAlias = "Element | str | tuple[Element, ...] | None"


def el(tag: str, *children: Children, xsi_type: str | None = None, **attributes: str | None) -> Element:
    """An element of the HL7 v3 namespace, or of the one given as `{namespace}tag`.

    Children come in the order given: elements, tuples of elements, or text; None (absent) leaves nothing behind.
    """
    element = etree.Element(tag if tag[0] == "{" else f"{{{V3}}}{tag}", nsmap=NAMESPACES)  # type: ignore[arg-type] # lxml takes None as the default prefix
    if xsi_type is not None:
        element.set(f"{{{XSI}}}type", xsi_type)
    for name, value in attributes.items():
        if value is not None:
            element.set(name, value)
    for child in children:
        if isinstance(child, str):
            _append_text(element, child)
        elif isinstance(child, tuple):
            element.extend(child)
        elif child is not None:
            element.append(child)
    return element


def _append_text(element: Element, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


def serialise(root: Element) -> bytes:
    """UTF-8 with its declaration, one element a line outside mixed content; the same tree gives the same bytes."""
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xsi"])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def parse(content: bytes) -> Element:
    """Read a document that came from elsewhere: no entity, no network, no DOCTYPE.

    Raises ValueError when it is not well formed or holds a DOCTYPE.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("not well-formed XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("DOCTYPE refused")
    return root


def xpath_of(element: Element) -> str:
    """Place of an element as XPath 3 `fn:path()` writes it: `/Q{urn:hl7-org:v3}ClinicalDocument[1]/…`."""
    steps: list[str] = []
    node: Element | None = element
    while node is not None:
        rank = 1 + sum(1 for _ in node.itersiblings(str(node.tag), preceding=True))
        name = etree.QName(node)
        steps.append(f"/Q{{{name.namespace or ''}}}{name.localname}[{rank}]")
        node = node.getparent()
    return "".join(reversed(steps))


class Origins:
    """Remembers, while a document is built, which element was made from which place of the source."""

    def __init__(self) -> None:
        self._marks: list[tuple[Element, str]] = []

    def mark(self, element: Element, origin: str) -> Element:
        """Note it and give the element back; an empty origin says nothing."""
        if origin:
            self._marks.append((element, origin))
        return element

    def paths(self) -> tuple[tuple[str, str], ...]:
        """(XPath, origin) of every mark, once the document is whole."""
        return tuple((xpath_of(element), origin) for element, origin in self._marks)
