"""Patient → who the document is about. Nothing is guessed; the usual name is never taken for the birth name.

identifier (urn:oid of an INS) INS · identifier others IPP · name official birth name and first given name · extension
fr-core-patient-birth-list-given-name birth given names · name usual used name · gender · birthDate · extension
patient-birthPlace with fr-core-address-insee-code birth place · multipleBirthInteger · address · telecom.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.formats.fhir.datatypes import addresses, codings, identifier, in_force, phones
from engine.formats.fhir.node import Node
from engine.formats.fhir.scope import Scope
from engine.formats.fhir.systems import known_oid
from engine.identity.ins import ins_findings
from engine.model.parties import INS_OIDS, BirthPlace, Ins, Patient
from engine.model.values import Identifier, Timestamp

_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
BIRTH_NAMES = f"{_CORE}fr-core-patient-birth-list-given-name"
RELIABILITY = f"{_CORE}fr-core-identity-reliability"
INSEE_CODE = f"{_CORE}fr-core-address-insee-code"
BIRTH_PLACE = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
VALIDATED = "VALI"
"""FR Core, CodeSystem v2-0445: identity validated, hence qualified where it bears an INS."""
_DOUBTFUL = frozenset({"DOUB", "DOUT", "FICTI", "FICT", "DPOT", "ANOM", "CACH", "COLP", "COLV", "DESA", "INVA", "USUR"})
_GENDERS = {"male": "M", "female": "F", "other": "UN", "unknown": "UN"}
_LOCAL_TYPES = frozenset({"PI", "MR", "PT", "RI", "U"})
"""Table 0203: what a number given by a structure to its patient may be called."""


@dataclass(frozen=True, slots=True)
class PatientRead:
    """A Patient, and what its software says of the identity's reliability."""

    patient: Patient
    statuses: frozenset[str]
    where: str


def patient(node: Node, ids_oid: str, scope: Scope) -> PatientRead:
    """The INS is a claim here: whether it is qualified is said by who knows the sender's contract."""
    _findings(node, scope)
    if sum(one.text("use") == "official" for one in node.nodes("name")) > 1:
        scope.remarks.add("fhir.several_names", node.at("name"))
    official, usual = _name(node, "official"), _name(node, "usual", "")
    listed = official.extension(BIRTH_NAMES) if official is not None else None
    given = official.texts("given") if official is not None else ()
    names = tuple(listed.text("valueString").split()) if listed is not None else given
    birth_name = (official.text("family") or None) if official is not None else None
    gender = _GENDERS.get(node.text("gender"))
    if gender == "UN":
        scope.remarks.add("identity.gender_undetermined", node.at("gender"))
    birth_time = scope.time(node, "birthDate")
    if birth_time is not None and birth_time.date > scope.today:
        scope.remarks.add("identity.birth_date_in_future", node.at("birthDate"))
    statuses = _statuses(node)
    if statuses & _DOUBTFUL:
        scope.remarks.add("identity.doubtful", node.at("extension"))
    made = Patient(
        ids=_ids(node, ids_oid),
        ins=_ins(node, gender, birth_time, scope),
        birth_name=birth_name,
        used_name=(usual.text("family") or None) if usual is not None else None,
        birth_given_names=names,
        first_given_name=next(iter(given or names), None),
        used_given_name=next(iter(usual.texts("given")), None) if usual is not None else None,
        gender=gender,
        birth_time=birth_time,
        birth_place=_birth_place(node),
        addresses=addresses(node.nodes("address"), "H"),
        telecoms=phones(node.nodes("telecom")),
        multiple_birth_order=_birth_order(node),
    )
    return PatientRead(made, statuses, node.where)


def _findings(node: Node, scope: Scope) -> None:
    """Elements that change what the rest means: active, link; what has no place: deceased."""
    if node.flag("active") is False:
        scope.remarks.add("fhir.patient_inactive", node.at("active"))
    for link in node.nodes("link"):
        code = "fhir.patient_replaced" if link.text("type") == "replaced-by" else "fhir.patient_linked"
        scope.remarks.add(code, link.where)
    if node.flag("deceasedBoolean") or node.text("deceasedDateTime"):
        scope.remarks.add("fhir.not_carried", node.at(node.choice("deceased")), what="le décès du patient")


def _name(node: Node, *uses: str) -> Node | None:
    """The only name of the first of these uses that has one."""
    for use in uses:
        found = [
            one for one in node.nodes("name") if one.text("use") == use and (one.text("family") or one.texts("given"))
        ]
        if found:
            return found[0]
    return None


def _ids(node: Node, unsaid: str) -> tuple[Identifier, ...]:
    """IPP and other numbers of structures; neither the INS nor the number of a document of identity."""
    found = []
    for one in in_force(node.nodes("identifier")):
        kinds = {code.text("code") for code in codings(one.node("type"))}
        made = identifier(one, unsaid)
        if made is not None and made.root not in INS_OIDS and (not kinds or kinds & _LOCAL_TYPES):
            found.append(made)
    return tuple(dict.fromkeys(found))


def _ins(node: Node, gender: str | None, birth_time: Timestamp | None, scope: Scope) -> Ins | None:
    """The only matricule sent, when its key is right and agrees with the traits sent."""
    sent = [(one, known_oid(one.text("system"))) for one in in_force(node.nodes("identifier"))]
    claims = {
        Ins("".join(one.text("value").split()).upper(), oid, qualified=False): one
        for one, oid in sent
        if oid in INS_OIDS and one.text("value") and oid is not None
    }
    if len(claims) > 1:
        scope.remarks.add("identity.several_ins", node.at("identifier"))
    if len(claims) != 1:
        return None
    ((claim, place),) = claims.items()
    birth_date = birth_time.date if birth_time is not None and len(birth_time.digits) >= 8 else None
    findings = ins_findings(claim, gender=gender, birth_date=birth_date, where=place.where)
    for one in findings:
        scope.remarks.keep(one)
    return None if findings else claim


def _statuses(node: Node) -> frozenset[str]:
    """fr-core-identity-reliability, identityStatus."""
    found = []
    for reliability in node.extensions(RELIABILITY):
        status = reliability.extension("identityStatus")
        value = status.node("valueCoding") if status is not None else None
        if value is not None:
            found.append(value.text("code"))
    return frozenset(one for one in found if one)


def _birth_place(node: Node) -> BirthPlace | None:
    sent = node.extension(BIRTH_PLACE)
    address = sent.node("valueAddress") if sent is not None else None
    if address is None:
        return None
    insee = address.extension(INSEE_CODE)
    value = insee.node("valueCoding") if insee is not None else None
    cog, city = value.text("code") if value is not None else "", address.text("city")
    return BirthPlace(cog or None, city or None) if cog or city else None


def _birth_order(node: Node) -> int | None:
    number = node.number("multipleBirthInteger")
    return int(number) if number is not None and 0 < number < 100 else None
