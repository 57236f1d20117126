"""Validation of a CDA document, layer after layer: xml, xsd, sm, ihe, mc, ans, term, volet, passeur."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from engine.findings import Disposition, Finding, Severity
from engine.validation import own
from engine.validation.document import ParsedDocument, UnreadableDocument, parsed
from engine.validation.official import OfficialRules, profiles
from engine.validation.outcome import LayerRun, RecognisedDocument, Report
from engine.validation.own import OwnRules
from engine.validation.own_structure import OwnStructure
from engine.validation.pack import Pack
from engine.validation.schematron import saxon
from engine.validation.schematron.xslt import MISSING
from engine.validation.skeletons import OTHER, skeletons
from engine.validation.volets import Volet, volet
from engine.validation.where import line


class Validator:
    """Validates CDA documents against an official pack, when there is one, and always against our own rules.

    One per worker process, made and used on its main thread: Saxon allows no other. Schemas are compiled when a
    document first needs them; a warm validator needs about 20 ms for a laboratory report.
    """

    def __init__(self, pack: Pack | None) -> None:
        self.pack = pack
        """The official pack it judges with; None for our own rules alone."""
        self._official = OfficialRules(pack) if pack is not None else None
        self._own = OwnRules()
        self._own_structure = OwnStructure()

    @property
    def compiled(self) -> frozenset[str]:
        """Files of the schematrons compiled so far."""
        return self._own.compiled | (self._official.compiled if self._official is not None else frozenset())

    def warm(self, types: Iterable[str] = ()) -> None:
        """Compile ahead what documents of these types (`cr_bio`…) need, by validating an empty one of each.

        Never raises: a schema that cannot be used holds the documents that need it, and says so on each.
        """
        for skeleton in {skeletons.get(name, OTHER) for name in types} | {OTHER}:
            self.validate(skeleton)

    def validate(self, cda: bytes) -> Report:
        """Every finding of every layer, in the order of the layers; never raises on a bad document.

        A layer that could not run gives an error that holds the document: what was not verified is not valid.
        """
        run = _Run()
        version = self.pack.version if self.pack is not None else ""
        document = run.parse(cda)
        if document is None:
            return Report(tuple(run.findings), version, tuple(run.layers), RecognisedDocument())
        kind = volet(document.cda)
        with saxon.silenced():
            title = self._judge(run, document, kind)
        schema = kind.schema if title else ""
        recognised = RecognisedDocument(kind.type_code, kind.template, kind.level, schema.split("/")[-1], title)
        findings = tuple(_located(finding, document) for finding in run.findings)
        return Report(findings, version, tuple(run.layers), recognised)

    def _judge(self, run: _Run, document: ParsedDocument, kind: Volet) -> str:
        """Every layer; returns the title of the volet's schema, empty when none applies."""
        tree: list[Any] = []  # one Saxon tree for every schematron, made when the first of them runs

        def saxon_tree() -> Any:
            if not tree:
                tree.append(saxon.document(document.text()))
            return tree[0]

        title = ""
        if self._official is not None:
            title = self._run_official(self._official, run, document, kind, saxon_tree)
        run.layer("structure", lambda: self._own_structure.findings(document.standalone()))
        run.layer("passeur", lambda: self._own.rules(document.cda, saxon_tree()) + own.checks(document.cda))
        return title

    def _run_official(
        self, official: OfficialRules, run: _Run, document: ParsedDocument, kind: Volet, tree: Callable[[], Any]
    ) -> str:
        """The pack's layers; returns the title of the volet's schema, empty when none applies."""
        run.layer("xsd", lambda: official.structure.findings(document.standalone()))
        for layer, schema in profiles():
            run.layer(layer, lambda layer=layer, schema=schema: official.findings(layer, schema, tree()))  # type: ignore[misc]
        if kind.schema and official.has(kind.schema):
            run.layer("volet", lambda: official.findings("volet", kind.schema, tree()))
            return official.schematron(kind.schema).title
        if kind.level != 1:
            run.layer("volet", lambda: (_unknown(kind),))
        return ""


@dataclass(slots=True)
class _Run:
    """Findings and times of one validation."""

    findings: list[Finding] = field(default_factory=list)
    layers: list[LayerRun] = field(default_factory=list)

    def parse(self, cda: bytes) -> ParsedDocument | None:
        found: list[ParsedDocument] = []

        def read() -> tuple[Finding, ...]:
            try:
                found.append(parsed(cda))
            except UnreadableDocument as error:
                return (error.finding,)
            return ()

        self.layer("xml", read)
        return found[0] if found else None

    def layer(self, name: str, verify: Callable[[], tuple[Finding, ...]]) -> None:
        """Run one layer. Whatever goes wrong in it is a finding: the other layers still run."""
        start = time.perf_counter_ns()
        try:
            found = verify()
        except Exception as error:
            found = (_not_run(name, error),)
        spent = Decimal((time.perf_counter_ns() - start) // 10_000).scaleb(-2)
        self.findings += found
        self.layers.append(LayerRun(name, spent, len(found)))


def _located(finding: Finding, document: ParsedDocument) -> Finding:
    if finding.line is not None or not finding.where:
        return finding
    return replace(finding, line=line(document.root, finding.where))


def _not_run(layer: str, error: Exception) -> Finding:
    """The error's own words are left out: they may quote the document."""
    if MISSING in str(error):
        return Finding(
            code="validation.missing_vocabulary",
            severity=Severity.ERROR,
            where="",
            message=f"La vérification « {layer} » a besoin d’un jeu de valeurs que le pack n’a pas : "
            "le document ne peut pas être déclaré conforme.",
            remedy="Installer un pack complet, ou faire vérifier le document par une personne.",
            layer=layer,
            disposition=Disposition.HOLD,
        )
    return Finding(
        code="validation.layer_not_run",
        severity=Severity.ERROR,
        where="",
        message=f"La vérification « {layer} » n’a pas pu être menée à bien ({type(error).__name__}) : "
        "le document ne peut pas être déclaré conforme.",
        remedy="Vérifier le pack installé (passeur pack verify), puis relancer la vérification.",
        layer=layer,
        disposition=Disposition.HOLD,
    )


def _unknown(kind: Volet) -> Finding:
    return Finding(
        code="volet.unknown_type",
        severity=Severity.WARNING,
        where="",
        message="Aucun schéma du pack ne correspond au type ou à la version de ce document : "
        "seuls les profils communs ont été vérifiés.",
        remedy="Vérifier les templateId du document, ou installer un pack qui connaît cette version.",
        layer="volet",
    )
