"""Ways to spoil a CDA: each operator lists the places where it applies and spoils one of them.

Nothing here knows what any rule checks: operators follow the shape of the XML and of the HL7 data types alone.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lxml import etree

HL7 = "urn:hl7-org:v3"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
NARRATIVE = frozenset(f"{{{HL7}}}{name}" for name in ("text", "title", "originalText"))
_STRUCTURAL = ("classCode", "moodCode", "typeCode", "determinerCode", "contextControlCode", "inversionInd")
_CODED = """
code functionCode signatureCode statusCode confidentialityCode languageCode realmCode administrativeGenderCode
interpretationCode methodCode targetSiteCode routeCode approachSiteCode standardIndustryClassCode
maritalStatusCode priorityCode value translation qualifier name dischargeDispositionCode
"""
_CODES = frozenset(f"{{{HL7}}}{name}" for name in _CODED.split())
_UUID = 36

Spoil = Callable[[etree._Element], None]
Applies = Callable[[etree._Element], bool]


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to spoil a document at an element."""

    name: str
    applies: Applies
    spoil: Spoil


def places(root: etree._Element, operator: Operator) -> Iterator[etree._Element]:
    """The elements of a document where the operator may be applied, in document order."""
    return (element for element in root.iter(etree.Element) if element is not root and operator.applies(element))


def in_narrative(element: etree._Element) -> bool:
    """True for what a section's text holds: its tables and paragraphs are for people."""
    return any(ancestor.tag in NARRATIVE for ancestor in element.iterancestors())


def _structural(element: etree._Element) -> bool:
    return not in_narrative(element)


def _has(*names: str) -> Applies:
    return lambda element: not in_narrative(element) and any(element.get(name) is not None for name in names)


def _parent(element: etree._Element) -> etree._Element:
    parent = element.getparent()
    assert parent is not None
    return parent


def _remove(element: etree._Element) -> None:
    _parent(element).remove(element)


def _duplicate(element: etree._Element) -> None:
    element.addnext(copy.deepcopy(element))


def _follower(element: etree._Element) -> etree._Element | None:
    following = (sibling for sibling in element.itersiblings(etree.Element) if sibling.tag != element.tag)
    return next(following, None)


def _swap(element: etree._Element) -> None:
    follower = _follower(element)
    assert follower is not None
    follower.addnext(element)


def _last_to_first(element: etree._Element) -> None:
    parent = _parent(element)
    parent.insert(0, element)


def _is_last_of_many(element: etree._Element) -> bool:
    siblings = [child for child in _parent(element) if isinstance(child.tag, str)]
    return _structural(element) and siblings[-1] is element and siblings[0].tag != element.tag


def _set(name: str, value: str) -> Spoil:
    return lambda element: element.set(name, value)


def _drop(*names: str) -> Spoil:
    def spoil(element: etree._Element) -> None:
        present = next(name for name in names if element.get(name) is not None)
        del element.attrib[present]

    return spoil


def _near(value: str) -> str:
    """The same code with its last digit changed, as a slip of the hand would."""
    for index in range(len(value) - 1, -1, -1):
        if value[index].isdigit():
            return value[:index] + str((int(value[index]) + 1) % 10) + value[index + 1 :]
    return value + "1"


def _rename(element: etree._Element) -> None:
    element.tag = f"{element.tag}s"


def _null(flavor: str) -> Spoil:
    def spoil(element: etree._Element) -> None:
        for name in ("code", "codeSystem", "displayName", "codeSystemName", "value", "unit", "root", "extension"):
            element.attrib.pop(name, None)
        element.set("nullFlavor", flavor)

    return spoil


def _hollow(element: etree._Element) -> None:
    for child in list(element):
        element.remove(child)
    element.text = None


def _dated(element: etree._Element) -> bool:
    value = element.get("value", "")
    return _structural(element) and len(value) >= 8 and value[:8].isdigit() and value[:2] in ("19", "20")


def _date(change: Callable[[str], str]) -> Spoil:
    return lambda element: element.set("value", change(element.get("value", "")))


def _iso(value: str) -> str:
    return f"{value[:4]}-{value[4:6]}-{value[6:8]}"


def _swap_type(element: etree._Element) -> None:
    element.set(XSI_TYPE, "ST" if not (element.get(XSI_TYPE) or "").endswith("ST") else "PQ")


def _is_coded(element: etree._Element) -> bool:
    return element.tag in _CODES and element.get("code") is not None and _structural(element)


def _is_oid(element: etree._Element) -> bool:
    root = element.get("root") or ""
    return element.tag == f"{{{HL7}}}id" and "." in root and len(root) != _UUID


def _tagged(name: str) -> Applies:
    return lambda element: element.tag == f"{{{HL7}}}{name}" and _structural(element)


def _is_reference(element: etree._Element) -> bool:
    return element.tag == f"{{{HL7}}}reference" and (element.get("value") or "").startswith("#")


def _written(element: etree._Element) -> bool:
    is_leaf = len(element) == 0 and bool((element.text or "").strip())
    return is_leaf and (_structural(element) and element.get("representation") is None)


def _section(element: etree._Element) -> bool:
    return element.tag == f"{{{HL7}}}component" and element.find(f"{{{HL7}}}section") is not None


def _new_text(element: etree._Element) -> None:
    element.text = "texte égaré"


def _coded_with_system(element: etree._Element) -> bool:
    return _is_coded(element) and element.get("codeSystem") is not None


OPERATORS: tuple[Operator, ...] = (
    Operator("élément supprimé", _structural, _remove),
    Operator("élément en double", _structural, _duplicate),
    Operator("élément permuté", lambda e: _structural(e) and _follower(e) is not None, _swap),
    Operator("dernier élément mis en tête", _is_last_of_many, _last_to_first),
    Operator("élément mal nommé", _structural, _rename),
    Operator("élément vidé", lambda e: _structural(e) and len(e) > 0 and e.tag not in NARRATIVE, _hollow),
    Operator("élément inconnu ajouté", _structural, lambda e: e.addnext(etree.Element(f"{{{HL7}}}foo"))),
    Operator("attribut inconnu ajouté", _structural, _set("foo", "1")),
    Operator("section supprimée", _section, _remove),
    Operator("texte vidé", _written, lambda e: setattr(e, "text", None)),
    Operator("texte égaré", lambda e: _structural(e) and len(e) > 0 and e.tag not in NARRATIVE, _new_text),
    Operator("code inconnu", _is_coded, _set("code", "ZZZ-999")),
    Operator("code voisin", _is_coded, lambda e: e.set("code", _near(e.get("code", "")))),
    Operator("code supprimé", _is_coded, _drop("code")),
    Operator("code vide", _is_coded, _set("code", "")),
    Operator("système de codage faux", _coded_with_system, _set("codeSystem", "1.2.250.1.999")),
    Operator("système de codage supprimé", _coded_with_system, _drop("codeSystem")),
    Operator("libellé de code supprimé", _has("displayName"), _drop("displayName")),
    Operator("OID malformé", _is_oid, _set("root", "1.2.0250.1")),
    Operator("OID étranger", _is_oid, _set("root", "1.2.3.4.5")),
    Operator("extension vidée", _has("extension"), _set("extension", "")),
    Operator("extension supprimée", _has("extension"), _drop("extension")),
    Operator("modèle supprimé", _tagged("templateId"), _remove),
    Operator("modèle faux", _tagged("templateId"), lambda e: e.set("root", _near(e.get("root", "")))),
    Operator("modèle en double", _tagged("templateId"), _duplicate),
    Operator("date impossible", _dated, _date(lambda v: f"{v[:4]}1350{v[8:]}")),
    Operator("date avec tirets", _dated, _date(_iso)),
    Operator("date vidée", _dated, _set("value", "")),
    Operator("unité inconnue", _has("unit"), _set("unit", "livres")),
    Operator("unité supprimée", _has("unit"), _drop("unit")),
    Operator("valeur non numérique", _has("unit"), _set("value", "douze")),
    Operator("valeur supprimée", _has("value"), _drop("value")),
    Operator("renvoi supprimé", _is_reference, _remove),
    Operator("renvoi vidé", _is_reference, _set("value", "")),
    Operator("donnée dite inconnue (UNK)", _has("code", "value", "root"), _null("UNK")),
    Operator("nullFlavor faux", _has("code", "value", "root"), _null("INCONNU")),
    Operator("nullFlavor à côté d’une valeur", _has("code", "value", "root"), _set("nullFlavor", "NA")),
    Operator("attribut de structure faux", _has(*_STRUCTURAL), lambda e: _spoil_structural(e)),
    Operator("attribut de structure supprimé", _has(*_STRUCTURAL), _drop(*_STRUCTURAL)),
    Operator("type de donnée supprimé", _has(XSI_TYPE), _drop(XSI_TYPE)),
    Operator("type de donnée faux", _has(XSI_TYPE), _swap_type),
    Operator("statut faux", _tagged("statusCode"), _set("code", "normal")),
    Operator("qualificatif faux", _has("qualifier", "use"), lambda e: _spoil_use(e)),
    Operator("booléen faux", _has("negationInd", "inversionInd"), lambda e: _spoil_boolean(e)),
)
"""In the order of the study's table."""


def _spoil_structural(element: etree._Element) -> None:
    present = next(name for name in _STRUCTURAL if element.get(name) is not None)
    element.set(present, "XXX")


def _spoil_use(element: etree._Element) -> None:
    element.set("qualifier" if element.get("qualifier") is not None else "use", "XX")


def _spoil_boolean(element: etree._Element) -> None:
    element.set("negationInd" if element.get("negationInd") is not None else "inversionInd", "oui")
