"""Reading XML that a stranger sent: no entity, no DTD, no network, no huge tree."""

from __future__ import annotations

from lxml import etree

Element = etree._Element


def parse(content: bytes) -> Element:
    """The root element. Raises ValueError when it is not well-formed XML or has a DOCTYPE."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=False
    )
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError("XML mal formé") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("DOCTYPE interdit")
    return root


def text(element: Element | None) -> str:
    """Text directly in an element, without the blanks around it; empty when there is none."""
    return (element.text or "").strip() if element is not None else ""


def local_name(element: Element) -> str:
    return etree.QName(element).localname


def children(element: Element) -> list[Element]:
    """Child elements, without comments and processing instructions."""
    return [child for child in element if isinstance(child.tag, str)]
