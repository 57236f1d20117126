"""Hardened parsing and plain building of XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from lxml import etree

Content = str | etree._Element


def parsed(content: bytes) -> etree._Element:
    """The root element; no entity, no network, no DTD. Raises ValueError when it is not such an XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("not well-formed XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ValueError("DOCTYPE refused")
    return root


class Builder:
    """Makes elements of one namespace; `prefixes` are declared on them."""

    def __init__(self, namespace: str, prefixes: Mapping[str | None, str] | Mapping[str, str]) -> None:
        self._namespace = namespace
        self._prefixes = cast("dict[str, str]", dict(prefixes))

    def __call__(self, tag: str, attributes: Mapping[str, str] | None = None, *content: Content) -> etree._Element:
        element = etree.Element(f"{{{self._namespace}}}{tag}", attrib=dict(attributes or {}), nsmap=self._prefixes)
        for one in content:
            if isinstance(one, str):
                element.text = (element.text or "") + one
            else:
                element.append(one)
        return element
