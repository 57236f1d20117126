"""Places in a document, written as XPath's `path()` writes them: `/Q{urn:hl7-org:v3}ClinicalDocument[1]/…[2]/@code`."""

from __future__ import annotations

import re
from itertools import islice

from lxml import etree

_STEP = re.compile(r"/(?:Q\{([^}]*)\})?([^/\[\]@]+)\[(\d+)\]")
_TAG = re.compile(r"(?:\{([^}]*)\})?([^/\[{}]+)(?:\[(\d+)\])?(?:/|$)")
"""A step of an ElementPath: `{urn:hl7-org:v3}id[2]`, the position left out where there is only one."""
_PREFIXES = {
    "urn:hl7-org:v3": "",
    "urn:oid:1.3.6.1.4.1.19376.1.3.2": "lab:",
    "urn:hl7-org:sdtc": "sdtc:",
    "urn:ihe:pharm": "pharm:",
    "urn:dicom-org:ps3-20": "ps3-20:",
}


def place(element: etree._Element) -> str:
    """The path of an element."""
    tree = element.getroottree()
    root = etree.QName(tree.getroot())
    below = _TAG.findall(tree.getelementpath(element))
    steps = (f"/Q{{{namespace}}}{name}[{position or 1}]" for namespace, name, position in below if name != ".")
    return f"/Q{{{root.namespace or ''}}}{root.localname}[1]{''.join(steps)}"


def element_at(root: etree._Element, where: str) -> etree._Element | None:
    """The element a path leads to (that of the attribute or text, when it ends with one); None when there is none."""
    found: etree._Element | None = None
    for namespace, name, position in _STEP.findall(where):
        tag = f"{{{namespace}}}{name}" if namespace else name
        siblings = iter((root,) if root.tag == tag else ()) if found is None else found.iterchildren(tag)
        found = next(islice(siblings, max(int(position) - 1, 0), None), None)
        if found is None:
            return None
    return found


def line(root: etree._Element, where: str) -> int | None:
    """Line of the file, from 1, of the element a path leads to."""
    found = element_at(root, where)
    return source_line(found) if found is not None else None


def source_line(element: etree._Element) -> int | None:
    """Line of the file, from 1, where an element starts; None for an element that was not read from a file.

    libxml2 counts past line 65 535 by the texts alone: there it may be a line short.
    """
    number = element.sourceline
    return number if isinstance(number, int) and number else None


def shortened(where: str) -> str:
    """For people: usual prefixes, `[1]` left out."""
    for namespace, prefix in _PREFIXES.items():
        where = where.replace(f"Q{{{namespace}}}", prefix)
    return re.sub(r"\[1\]", "", re.sub(r"Q\{[^}]*\}", "", where))
