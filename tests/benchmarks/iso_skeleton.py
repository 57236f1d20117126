"""The ISO skeleton's way of running a schematron: include → expand → compile to SVRL, in XSLT, then run.

The style sheets are not ours and not here: their folder is given. Made and used on the main thread of a process of its
own, where Saxon may read them.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from lxml import etree

from engine.validation.layers import PROFILES, XSD
from engine.validation.pack import Pack
from engine.validation.schematron.includes import resolved
from engine.validation.schematron.sources import Sources
from engine.validation.structure import Structure
from engine.validation.volets import volet

_STEPS = ("iso_dsdl_include.xsl", "iso_abstract_expand.xsl", "iso_svrl_for_xslt2.xsl")


def lacking(skeleton: Path) -> tuple[str, ...]:
    """Names of the style sheets that a folder does not hold."""
    return tuple(name for name in _STEPS if not (skeleton / name).is_file())


class IsoSkeleton:
    """The official layers of a pack, run by the ISO skeleton."""

    def __init__(self, pack: Pack, skeleton: Path) -> None:
        import saxonche

        self._processor = saxonche.PySaxonProcessor(license=False)
        self._sources = Sources(pack.path)
        self._steps = [self._sheet(skeleton / name) for name in _STEPS]
        self._structure = Structure(self._sources.path(XSD))
        self._compiled: dict[str, Any] = {}

    def validate(self, content: bytes) -> dict[str, float]:
        """Milliseconds of each layer."""
        spent: dict[str, float] = {}
        start = time.perf_counter()
        root = etree.fromstring(content)
        spent["xml"] = _since(start)
        start = time.perf_counter()
        self._structure.findings(root)
        spent["xsd"] = _since(start)
        start = time.perf_counter()
        document = self._processor.parse_xml(xml_text=etree.tostring(root, encoding="unicode"))
        spent["arbre"] = _since(start)
        for layer, schema in (*PROFILES.items(), ("volet", volet(root).schema)):
            compiled = self._schema(schema)
            start = time.perf_counter()
            report = compiled.transform_to_string(xdm_node=document)
            list(etree.fromstring(report.encode(), etree.XMLParser(huge_tree=True)).iter("{*}failed-assert"))
            spent[layer] = _since(start)
        return spent

    def _schema(self, schema: str) -> Any:
        if schema not in self._compiled:
            # The pack's inclusions are only found whatever the case of their names: that step is ours.
            flat, _ = resolved(self._sources, schema)
            node = self._processor.parse_xml(xml_text=etree.tostring(flat, encoding="unicode"))
            for step in self._steps[:-1]:
                node = step.transform_to_value(xdm_node=node).item_at(0)
            written = self._steps[-1].transform_to_string(xdm_node=node)
            sheet = etree.fromstring(written.encode(), etree.XMLParser(huge_tree=True))
            sheet.set("{http://www.w3.org/XML/1998/namespace}base", self._sources.path(schema).as_uri())
            self._compiled[schema] = self._processor.new_xslt30_processor().compile_stylesheet(
                stylesheet_text=etree.tostring(sheet, encoding="unicode")
            )
        return self._compiled[schema]

    def _sheet(self, path: Path) -> Any:
        return self._processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))


def _since(start: float) -> float:
    return (time.perf_counter() - start) * 1000
