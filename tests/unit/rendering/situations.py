"""Clinical situations, all fictitious, that the readable copies are looked at with."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from engine.context import Software
from engine.model.document import (
    Author,
    ClinicalDocument,
    DocumentVersion,
    Encounter,
    Participant,
    ServiceEvent,
    Signature,
    TextBody,
)
from engine.model.laboratory import (
    Battery,
    Chapter,
    CodedValue,
    Comment,
    Concept,
    Interpretation,
    Interval,
    Isolate,
    LabAct,
    LaboratoryReport,
    PreviousResult,
    Quantity,
    ReferenceRange,
    Result,
    Specimen,
    TextValue,
    Value,
)
from engine.model.parties import (
    INS_NIR_TEST,
    PROFESSIONAL_OID,
    STRUCTURE_OID,
    BirthPlace,
    Ins,
    Organization,
    Patient,
    Professional,
)
from engine.model.values import Address, Code, Identifier, PersonName, Telecom, Timestamp

LOINC = "2.16.840.1.113883.6.1"
FLAGS = "2.16.840.1.113883.5.83"
LOCAL = "2.25.1001"
SOFTWARE = Software(name="Passeur", version="0.1.0")

LABORATORY = Organization(
    id=Identifier(STRUCTURE_OID, "1990000002"),
    name="Laboratoire de biologie médicale Fictif",
    addresses=(Address(lines=("1 rue du Test",), postal_code="00000", city="Villetest", country="FR"),),
    telecoms=(Telecom("tel:0100000000"), Telecom("mailto:secretariat@labo-fictif.example")),
    accreditation=Identifier("1.2.250.1.213.6.3.1", "8-0000"),
)
BIOLOGIST = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000029"),
    name=PersonName(family="BIOTEST", given="Andréa", suffix="DR"),
    organization=LABORATORY,
)
PRESCRIBER = Professional(
    id=Identifier(PROFESSIONAL_OID, "899900000011"),
    name=PersonName(family="MEDTEST", given="Françoise", suffix="DR"),
    telecoms=(Telecom("mailto:francoise.medtest@pro.mssante.example"),),
    organization=Organization(id=None, name="Clinique Fictive"),
)
PATIENT = Patient(
    ids=(Identifier("2.25.2001", "IPP0001"),),
    ins=Ins("285039900000193", INS_NIR_TEST, qualified=True),
    birth_name="TESTNAISSANCE",
    used_name="FICTIVE",
    birth_given_names=("Hélène", "Zoé"),
    first_given_name="Hélène",
    used_given_name="Zoé",
    gender="F",
    birth_time=Timestamp("19850312"),
    birth_place=BirthPlace(cog="99100"),
)
VERSION = DocumentVersion(Identifier("2.25.3001"), Identifier("2.25.3000", "DEM0001"), 1)
SECOND_VERSION = DocumentVersion(
    Identifier("2.25.3002"), Identifier("2.25.3000", "DEM0001"), 2, Identifier("2.25.3001")
)
BLOOD = Specimen(
    text="Sang veineux",
    origin="OBR[1]",
    id=Identifier("2.25.2002", "25031000001"),
    collected=Timestamp("202503100815+0100"),
    received=Timestamp("202503100905+0100"),
    additive="Héparinate de lithium",
)
OBTAINED = Timestamp("202503101400+0100")


def flagged(*codes: str) -> tuple[Interpretation, ...]:
    return tuple(Interpretation(code, Code(code, FLAGS)) for code in codes)


def measured(
    name: str, value: str, unit: str, reference: str = "", flag: str = "", earlier: str = "", **more: object
) -> Result:
    """A numeric result as the sender wrote it."""
    typed: Value
    if value[0] in "<>":
        bound = Quantity(Decimal(value[1:]), unit)
        typed = Interval(high=bound, high_inclusive=False) if value[0] == "<" else Interval(low=bound)
    else:
        typed = Quantity(Decimal(value), unit)
    previous = (
        (PreviousResult(Quantity(Decimal(earlier), unit), earlier, unit, Timestamp("202412021000+0100")),)
        if earlier
        else ()
    )
    high = Interval(high=Quantity(Decimal(reference[1:]), unit)) if reference.startswith("-") else None
    result = Result(
        concept=Concept(name, local=(Code(name[:4].upper(), LOCAL),)),
        value=typed,
        value_as_sent=value,
        unit_as_sent=unit,
        origin="OBX[1]",
        interpretations=flagged(flag) if flag else (),
        reference_range=ReferenceRange(reference, high) if reference else None,
        time=OBTAINED,
        previous=previous,
    )
    return replace(result, **more)


def said(name: str, words: str, code: str = "", flag: str = "", **more: object) -> Result:
    """A coded or text result."""
    value: Value = CodedValue(words, local=Code(code, LOCAL)) if code else TextValue(words)
    result = Result(
        concept=Concept(name),
        value=value,
        value_as_sent=code or words,
        unit_as_sent=None,
        origin="OBX[1]",
        interpretations=flagged(flag) if flag else (),
        time=OBTAINED,
    )
    return replace(result, **more)


def document(*chapters: Chapter, patient: Patient = PATIENT, **report: object) -> ClinicalDocument:
    body = LaboratoryReport(chapters=chapters)
    signature = Signature(Timestamp("202503101410+0100"), BIOLOGIST)
    return ClinicalDocument(
        type="cr_bio",
        title="Compte rendu d'examens biologiques",
        created_at=Timestamp("20250310143000+0100"),
        patient=patient,
        authors=(Author(signature.time, BIOLOGIST),),
        custodian=LABORATORY,
        legal_authenticator=signature,
        act=ServiceEvent(
            code=Code("18719-5", LOINC, "Biochimie"),
            performer=BIOLOGIST,
            start=Timestamp("202503100815+0100"),
            id=Identifier("2.25.2003", "DEM0001"),
        ),
        encounter=Encounter(Code("SA25", "1.2.250.1.71.4.2.4")),
        body=replace(body, **report),
        participants=(Participant("REF", PRESCRIBER, Timestamp("20250309")),),
        recipients=(PRESCRIBER,),
        orders=(Identifier("2.25.2004", "ORD-7781"),),
    )


def chapter(title: str, *acts: LabAct) -> Chapter:
    return Chapter(Code("18719-5", LOINC), title, acts)


def biochemistry() -> ClinicalDocument:
    """Metabolic panel with a critical potassium, telephoned to the prescriber."""
    call = Comment("Potassium contrôlé sur un second passage.\nAppel au prescripteur le 10/03/2025 à 14h05.", "C[1]")
    urea = said("Hémolyse", "Sérum légèrement hémolysé : interpréter le potassium et la LDH avec prudence.")
    ions = Battery(
        Concept("Ionogramme sanguin"),
        (
            measured("Sodium", "139", "mmol/L", "136-145", "N", "140"),
            measured("Potassium", "6.8", "mmol/L", "3.5-5.1", "HH", "4.9", comments=(call,)),
            measured("Chlorures", "98", "mmol/L", "98-107", "N"),
        ),
        "OBX[4]",
    )
    renal = LabAct(
        "Bilan métabolique et rénal",
        "OBR[1]",
        (
            measured("Glucose à jeun", "5.30", "mmol/L", "4.10-5.90", "N", "5.1"),
            measured("Créatinine", "112", "µmol/L", "49-90", "H", "88"),
            measured("DFG estimé (CKD-EPI 2009)", "54", "mL/min/1,73m²", "90-", "L"),
            measured("Urée", "6.1", "mmol/L", "2.5-7.5", "N"),
            measured("Protéine C réactive", "<0.6", "mg/L", "-5.0", "N"),
            urea,
            ions,
        ),
        specimens=(BLOOD,),
    )
    numbers = LabAct(
        "Hémogramme",
        "OBR[2]",
        (
            measured("Leucocytes", "7.2", "G/L", "4.0-10.0", "N", "6.8"),
            measured("Hémoglobine", "10.4", "g/dL", "12.0-16.0", "L", "11.9"),
            measured("V.G.M.", "76", "fL", "80-100", "L", "79"),
            measured("Plaquettes", "412", "G/L", "150-400", "H", "388"),
        ),
        specimens=(replace(BLOOD, additive="EDTA", id=Identifier("2.25.2002", "25031000002")),),
    )
    return document(
        chapter("Biochimie", renal),
        chapter("Hématologie", numbers),
        clinical_information=Comment("Asthénie, œdèmes ; patiente sous IEC.", "OBR[1].13"),
        comments=(Comment("Dossier discuté avec le prescripteur.", "C[2]"),),
        accreditation_note="Les examens rendus sous accréditation sont précisés sur www.cofrac.fr.",
    )


def bacteriology() -> ClinicalDocument:
    """Urine culture with two germs, each with its susceptibilities."""
    coli = Isolate(
        CodedValue("Escherichia coli", local=Code("ECO", LOCAL)),
        "OBX[6]",
        (measured("Numération", ">1000000", "UFC/mL", "-1000", ">"),),
        (
            said("Amoxicilline", "Résistant", "R", "R"),
            said("Amoxicilline + acide clavulanique", "Intermédiaire", "I", "I"),
            measured("Amoxicilline + acide clavulanique", "16", "mg/L", flag="I"),
            said("Céfotaxime", "Sensible", "S", "S"),
            said("Fosfomycine", "Très sensible", "VS", interpretations=(Interpretation("VS"),)),
            said("Cotrimoxazole", "Résistant", "R", "R", comments=(Comment("Mécanisme à confirmer.", "C[3]"),)),
        ),
    )
    enterococcus = Isolate(
        CodedValue("Enterococcus faecalis", local=Code("EFA", LOCAL)),
        "OBX[7]",
        antibiogram=(said("Amoxicilline", "Sensible", "S", "S"), said("Lévofloxacine", "Sensible", "S", "S")),
        comments=(Comment("Présence faible, à rapprocher de la clinique.", "C[4]"),),
    )
    act = LabAct(
        "Examen cytobactériologique des urines",
        "OBR[1]",
        (
            said("Aspect", "Trouble", "TRB"),
            measured("Leucocytes", "250", "/mm3", "-10", "H"),
            measured("Hématies", "8", "/mm3", "-10", "N"),
            coli,
            enterococcus,
            Comment("Antibiogramme réalisé par diffusion.", "C[5]"),
        ),
        specimens=(Specimen("Urine milieu de jet", "OBR[1]", collected=Timestamp("202503100815+0100")),),
    )
    return document(chapter("Bactériologie", act))


def partial() -> ClinicalDocument:
    """Some results out, a culture still running, one request cancelled."""
    done = LabAct("Ionogramme", "OBR[1]", (measured("Sodium", "139", "mmol/L", "136-145", "N"),))
    running = LabAct("Hémoculture", "OBR[2]", (Comment("Culture en cours.", "C[1]"),), status="active")
    stopped = LabAct(
        "Lactate",
        "OBR[3]",
        (said("Lactate", "", status="aborted", value=None, comments=(Comment("Tube non conforme.", "C[2]"),)),),
        status="aborted",
    )
    return document(chapter("Biochimie", done, stopped), chapter("Microbiologie", running), status="active")


def correction() -> ClinicalDocument:
    """A corrected potassium; the sodium was not sent again."""
    act = LabAct(
        "Ionogramme",
        "OBR[1]",
        (
            measured("Sodium", "139", "mmol/L", "136-145", "N", carried_over=True),
            measured("Potassium", "4.1", "mmol/L", "3.5-5.1", "N", status_as_sent="C"),
            measured("Chlorures", "98", "mmol/L", "98-107", status="aborted"),
        ),
        specimens=(BLOOD,),
    )
    return document(chapter("Biochimie", act))


def text() -> ClinicalDocument:
    """A report sent as text, its columns made with spaces."""
    lines = (
        "                 B I O C H I M I E",
        "",
        "GLYCEMIE A JEUN               0,95 g/L        (0,74 - 1,06)",
        "CREATININE                 *  12,7 mg/L       (5,5 - 10,2)",
        "CRP                         < 0,6  mg/L       (< 5,0)",
        "",
        "Validé par A. BIOTEST",
    )
    return replace(document(), body=TextBody(lines))
