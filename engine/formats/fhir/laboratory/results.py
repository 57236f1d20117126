"""Observation, or one of its components → Result. Flags are never computed."""

from __future__ import annotations

from engine.formats.fhir.datatypes import coding, codings, concept_words
from engine.formats.fhir.laboratory.concepts import concept, line_of_table
from engine.formats.fhir.laboratory.observations import WITHDRAWN, code_of
from engine.formats.fhir.laboratory.quantities import unit_sent
from engine.formats.fhir.laboratory.ranges import reference_range, side
from engine.formats.fhir.laboratory.scope import LabScope
from engine.formats.fhir.laboratory.specimens import specimen_code
from engine.formats.fhir.laboratory.validators import observer
from engine.formats.fhir.laboratory.values import NOTHING, Read, read_value
from engine.formats.fhir.node import Node
from engine.formats.fhir.systems import INTERPRETATION, OFFICIAL
from engine.formats.terminology.flags import interpretation
from engine.model.directory import MappedTest
from engine.model.laboratory import Comment, Interpretation, Quantity, ReferenceRange, Result
from engine.model.values import Code

_ABSENCES = {
    "unknown": "inconnu", "asked-unknown": "inconnu", "temp-unknown": "pas encore connu", "not-asked": "non demandé",
    "asked-declined": "refusé", "masked": "masqué", "not-applicable": "sans objet", "unsupported": "non pris en charge",
    "as-text": "voir le texte", "error": "erreur", "not-a-number": "valeur non numérique",
    "negative-infinity": "au-dessous de toute mesure", "positive-infinity": "au-dessus de toute mesure",
    "not-performed": "non réalisé", "not-permitted": "non autorisé",
}  # fmt: skip
"""HL7 data-absent-reason, in French."""


def result(node: Node, holder: Node, scope: LabScope) -> Result:
    """`node` bears code, value, flags and range; `holder`, the Observation, the rest: itself unless a component."""
    code, when = code_of(node), scope.moment(holder, "effective")
    if not code:
        scope.remarks.add("fhir.missing", node.at("code"))
    name = node.choice("value")
    unit = unit_sent(node.node(name)) if name == "valueQuantity" else ""
    test = line_of_table(node.node("code"), unit, specimen_code(holder, scope), when, scope)
    notes = (*comments(holder if node is holder else node, scope), *_details(holder, scope))
    absence = _absence(node, scope)
    read = _read(node, holder, test, code, bool(notes or absence), scope)
    flags = _interpretations(node, code, scope)
    span = reference_range(node, read.value, read.unit, code, scope)
    _flag_findings(node, flags, read, span, code, scope)
    validator = observer(holder, scope)
    return Result(
        concept=concept(node.node("code"), test, scope),
        value=read.value,
        value_as_sent=read.words,
        unit_as_sent=read.unit,
        origin=node.where,
        status="completed" if read.value is not None else "aborted",
        status_as_sent=holder.text("status") or None,
        interpretations=flags,
        reference_range=span,
        time=when or scope.time(holder, "issued"),
        method=_method(holder),
        validators=() if validator is None else (validator,),
        comments=(*absence, *notes),
    )


def comments(node: Node, scope: LabScope) -> tuple[Comment, ...]:
    """Annotations, line breaks kept."""
    made = (Comment(one.text("text").strip("\n"), one.where) for one in node.nodes("note"))
    return tuple(one for one in made if one.text.strip())


def _read(node: Node, holder: Node, test: MappedTest | None, code: str, explained: bool, scope: LabScope) -> Read:
    """Nothing when the result is withdrawn, or was sent empty: then a person looks, unless words explain."""
    if holder.text("status") in WITHDRAWN:
        return NOTHING
    found = read_value(node, test, code, scope)
    if found.value is not None and node.has("dataAbsentReason"):
        scope.remarks.add("fhir.absence_and_value", node.at("dataAbsentReason"))
    if found.value is None:
        told = "fhir.value_missing_explained" if explained else "fhir.value_missing"
        scope.remarks.add(told, node.where, code=code)
    return found


def _absence(node: Node, scope: LabScope) -> tuple[Comment, ...]:
    sent = node.node("dataAbsentReason")
    if sent is None:
        return ()
    known = next((_ABSENCES[one.text("code")] for one in codings(sent) if one.text("code") in _ABSENCES), "")
    words = sent.text("text") or known or concept_words(sent)
    return (Comment(f"Résultat non disponible : {words}", sent.where),) if words else ()


def _details(holder: Node, scope: LabScope) -> tuple[Comment, ...]:
    """What the report has no place for, in words: body site; a method known by its words only."""
    made = []
    site = concept_words(holder.node("bodySite"))
    if site:
        made.append(Comment(f"Site : {site}", holder.at("bodySite")))
    method = concept_words(holder.node("method"))
    if method and _method(holder) is None:
        made.append(Comment(f"Méthode : {method}", holder.at("method")))
    return tuple(made)


def _method(holder: Node) -> Code | None:
    """A method coded in an international system."""
    for one in codings(holder.node("method")):
        made = coding(one, "")
        if made is not None and made.system in OFFICIAL:
            return made
    return None


def _interpretations(node: Node, code: str, scope: LabScope) -> tuple[Interpretation, ...]:
    """One for each: by HL7's own code where it is sent, else by the sender's code or words."""
    found = []
    for one in node.nodes("interpretation"):
        sent = [code for code in codings(one) if code.text("code")]
        chosen = next((code for code in sent if code.text("system") == INTERPRETATION), sent[0] if sent else None)
        flag = chosen.text("code") if chosen is not None else concept_words(one)
        made = interpretation(flag, scope.laboratory)
        if made.code is None:
            scope.remarks.once("mapping.unmapped_flag", one.where, code=code)
            made = Interpretation(concept_words(one) or flag)
        if made.as_sent:
            found.append(made)
    return tuple(found)


def _flag_findings(
    node: Node, flags: tuple[Interpretation, ...], read: Read, span: ReferenceRange | None, code: str, scope: LabScope
) -> None:
    """Only a plain number is compared, and only with the flags whose meaning is beyond doubt."""
    if not isinstance(read.value, Quantity) or span is None or span.interval is None:
        return
    actual = side(read.value.value, span.interval)
    for flag in flags:
        said = {"L": -1, "LL": -1, "H": 1, "HH": 1, "N": 0}.get(flag.as_sent.upper())
        if said is not None and said != actual:
            scope.remarks.add("mapping.flag_against_range", node.at("interpretation"), code=code)
