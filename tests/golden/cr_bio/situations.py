"""Canonical biology reports, one function a clinical situation; all invented."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from engine.cda.codes import LOINC, OBSERVATION_INTERPRETATION, SNOMED_CT
from engine.documents.cr_bio import DOCUMENT_TYPE
from engine.model.document import ClinicalDocument, DocumentVersion
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
from engine.model.values import Code, Identifier, Timestamp
from tests.golden.cr_bio import parties
from tests.golden.cr_bio.parties import LAB_OID, LOCAL_CODES

BIOCHEMISTRY = Code("18719-5", LOINC, "Biochimie")
HAEMATOLOGY = Code("18723-7", LOINC, "Hématologie")
MICROBIOLOGY = Code("18725-2", LOINC, "Microbiologie")
OBTAINED = Timestamp("20240312104500+0100")
METHOD = Code("DC", "1.2.250.1.213.2.3.5", "Cytométrie en flux")

BLOOD = Specimen(
    text="Sang veineux",
    origin="OBR[1]",
    type=Code("BLDV", "2.16.840.1.113883.18.311", "Sang veineux"),
    id=Identifier(LAB_OID, "T-1"),
    collected=parties.COLLECTED,
    received=parties.RECEIVED,
    additive="Héparine",
    collector=parties.NURSE,
)
URINE = Specimen(text="Urines du 2e jet", origin="OBR[1]", collected=Timestamp("20240312"))


def local(code: str, label: str) -> Code:
    return Code(code, LOCAL_CODES, label, "Codes du Laboratoire du Quai")


def concept(label: str, code: str, loinc: str | None = None, display: str | None = None) -> Concept:
    official = None if loinc is None else Code(loinc, LOINC, display)
    return Concept(label, official, (local(code, label),))


def flag(code: str) -> Interpretation:
    words = {"H": "Supérieur à la normale", "L": "Inférieur à la normale", "N": "Normal", "R": "Résistant"}
    return Interpretation(code, Code(code, OBSERVATION_INTERPRETATION, words.get(code)))


def quantity(value: str, unit: str) -> Quantity:
    return Quantity(Decimal(value), unit)


def usual(text: str, low: str | None, high: str | None, unit: str) -> ReferenceRange:
    bounds = Interval(quantity(low, unit) if low else None, quantity(high, unit) if high else None)
    return ReferenceRange(text, bounds)


def result(label: Concept, value: Value | None, as_sent: str, unit: str | None, origin: str, **more: object) -> Result:
    made = Result(label, value, as_sent, unit, origin, status_as_sent="F", time=OBTAINED)
    return replace(made, **more)


GLUCOSE = result(
    concept("Glycémie à jeun", "GLY", "40193-5", "Glucose a jeun [Moles/Volume] Sérum/Plasma ; Numérique"),
    quantity("5.30", "mmol/L"),
    "5,30",
    "mmol/L",
    "OBX[1]",
    reference_range=usual("3,90 - 6,10", "3.90", "6.10", "mmol/L"),
    interpretations=(flag("N"),),
    validators=(parties.BIOLOGIST,),
)
UREA = result(
    concept("Urée", "UREE", "22664-7", "Urée [Moles/Volume] Sérum/Plasma ; Numérique"),
    quantity("9.1", "mmol/L"),
    "9.1",
    "mmol/L",
    "OBX[2]",
    reference_range=usual("2.5 - 7.5", "2.5", "7.5", "mmol/L"),
    interpretations=(flag("H"),),
    comments=(Comment("À contrôler\ndans un mois.", "C[1]"),),
)


def act(*items: object, title: str = "Bilan", origin: str = "OBR[1]", **more: object) -> LabAct:
    return replace(LabAct(title, origin, tuple(items)), **more)


def report(*acts: LabAct, chapter: Code = BIOCHEMISTRY, **more: object) -> LaboratoryReport:
    return replace(LaboratoryReport((Chapter(chapter, (chapter.display or "").upper(), acts),)), **more)


def simple_biochemistry() -> ClinicalDocument:
    """Two results, one abnormal and commented; comments and clinical information about the whole."""
    return parties.document(
        report(
            act(GLUCOSE, UREA, specimens=(BLOOD,), validators=(parties.BIOLOGIST,), time=OBTAINED),
            comments=(Comment("Prélèvement légèrement hémolysé.", "C[2]"),),
            clinical_information=Comment("Diabète de type 2\nContrôle trimestriel", "C[3]"),
            accreditation_note="Examens couverts par l'accréditation n° 8-0000.",
        )
    )


def correction() -> ClinicalDocument:
    """The laboratory sends one corrected result again; the other one is carried over."""
    corrected = replace(UREA, value=quantity("6.1", "mmol/L"), value_as_sent="6.1", status_as_sent="C", comments=())
    corrected = replace(corrected, interpretations=(flag("N"),), origin="OBX[1]")
    sent = parties.document(report(act(corrected, specimens=(BLOOD,))))
    merged, _ = DOCUMENT_TYPE.merge(simple_biochemistry(), sent)
    return merged


def partial() -> ClinicalDocument:
    """A count in progress, with a group and a cancelled examination."""
    count = Battery(
        concept("Numération", "NFS"),
        (
            result(
                concept("Leucocytes", "GB", "6690-2", "Leucocytes [Nombre/Volume] Sang ; Numérique"),
                quantity("6.8", "10*9/L"),
                "6,8",
                "G/L",
                "OBX[1]",
                method=METHOD,
            ),
            result(concept("Plaquettes", "PLQ"), None, "", None, "OBX[2]", status="aborted", status_as_sent="X"),
        ),
        "OBX[1]",
        (Comment("Plaquettes : agrégats, nouveau prélèvement demandé.", "C[1]"),),
    )
    return parties.document(
        report(act(count, status="active", specimens=(BLOOD,)), chapter=HAEMATOLOGY, status="active")
    )


def _drug(name: str, code: str, said: str, rank: int) -> Result:
    text = {"S": "Sensible", "R": "Résistant", "I": "Intermédiaire"}[said]
    coded = CodedValue(text, None, Code(said, LOCAL_CODES, text))
    return result(concept(name, code), coded, said, None, f"OBX[{rank}]", interpretations=(flag(said),))


def antibiogram_with_two_isolates() -> ClinicalDocument:
    """Urine culture: two germs, one coded in SNOMED CT, the other by its words only."""
    coli = Isolate(
        CodedValue(
            "Escherichia coli",
            Code("112283007", SNOMED_CT, "Escherichia coli (organism)"),
            Code("ECO", LOCAL_CODES, "Escherichia coli"),
        ),
        "OBX[2]",
        results=(
            result(
                concept("Numération", "NUM", "51480-2", "Bactérie [Nombre/Volume] Urine ; Numérique"),
                quantity("100000", "/mL"),
                "100 000",
                "UFC/mL",
                "OBX[3]",
            ),
        ),
        antibiogram=(
            _drug("Amoxicilline", "AMX", "R", 4),
            result(
                concept("CMI amoxicilline", "AMXC", "20-8", "Amoxicilline [Sensibilité] Isolat ; CMI"),
                Interval(low=quantity("0.512", "ug/mL"), low_inclusive=True),
                ">=0,512",
                "µg/mL",
                "OBX[5]",
            ),
        ),
        comments=(Comment("Souche non productrice de BLSE.", "C[1]"),),
    )
    entero = Isolate(
        CodedValue("Entérocoque", None, Code("ENT", LOCAL_CODES, "Entérocoque")),
        "OBX[6]",
        antibiogram=(_drug("Amoxicilline", "AMX", "S", 7), _drug("Gentamicine", "GEN", "I", 8)),
    )
    gram = result(
        concept("Examen direct", "GRAM"),
        TextValue("Nombreux bacilles Gram -"),
        "Nombreux bacilles Gram -",
        None,
        "OBX[1]",
    )
    germs = act(
        gram, coli, entero, Comment("Avis infectiologique conseillé.", "C[2]"), title="ECBU", specimens=(URINE,)
    )
    return parties.document(report(germs, chapter=MICROBIOLOGY))


def unmapped_codes() -> ClinicalDocument:
    """Nothing of the laboratory's table maps: local codes, a unit left as text, a flag of its own."""
    odd = result(concept("Dosage maison", "X1"), TextValue("12.4 u.a."), "12.4", "u.a.", "OBX[1]")
    odd = replace(odd, interpretations=(Interpretation("VS"),), reference_range=ReferenceRange("voir notice"))
    nameless = result(Concept("", None, (local("X2", ""),)), quantity("3", "g/L"), "3", "g/L", "OBX[2]")
    request = act(odd, nameless, title="Examens spéciaux", code=Code("OBR7", LOCAL_CODES, "Examens spéciaux"))
    return parties.document(report(replace(request, specimens=(Specimen(None, "OBR[1]"),))))


def comparator_values() -> ClinicalDocument:
    """Results known by a bound only, and a range with one bound."""
    crp = concept("CRP", "CRP", "1988-5", "C réactive protéine [Masse/Volume] Sérum/Plasma ; Numérique")
    low = Interval(high=quantity("0.6", "mg/L"), high_inclusive=False)
    high = Interval(low=quantity("500", "mg/L"), low_inclusive=True)
    return parties.document(
        report(
            act(
                result(crp, low, "< 0.6", "mg/L", "OBX[1]", reference_range=usual("< 5.0", None, "5.0", "mg/L")),
                result(concept("CRP (dilution)", "CRPD"), high, ">= 500", "mg/L", "OBX[2]"),
            )
        )
    )


def coded_and_text_results() -> ClinicalDocument:
    """A coded answer, one known by its words, a text of several lines, and the whole report as text."""
    positive = CodedValue("Positif", Code("10828004", SNOMED_CT, "Positif"), Code("POS", LOCAL_CODES, "Positif"))
    return parties.document(
        report(
            act(
                result(
                    concept("Ag HBs", "AGHBS", "5196-1", "Ag HBs [Recherche] Sérum/Plasma"),
                    positive,
                    "POS",
                    None,
                    "OBX[1]",
                ),
                result(concept("Aspect", "ASP"), CodedValue("Trouble"), "Trouble", None, "OBX[2]"),
                result(concept("Conclusion", "CCL"), TextValue("Ligne 1\nLigne 2"), "Ligne 1\nLigne 2", None, "OBX[3]"),
            ),
            act(Comment("Sérothèque conservée un an.", "C[1]"), title="Conservation", origin="OBR[2]"),
            full_text=Comment("COMPTE RENDU\n  Ag HBs : positif\n", "OBX[9]"),
        )
    )


def previous_results() -> ClinicalDocument:
    """Two earlier results of the same test, one without its date, one coded."""
    before = PreviousResult(quantity("7.2", "mmol/L"), "7,2", "mmol/L", Timestamp("202309120815+0200"))
    older = PreviousResult(quantity("6.0", "mmol/L"), "6,0", "mmol/L", None)
    said = PreviousResult(CodedValue("Absence"), "Absence", None, Timestamp("2022"))
    protein = result(concept("Protéinurie", "PROT"), CodedValue("Traces"), "Traces", None, "OBX[2]", previous=(said,))
    return parties.document(report(act(replace(GLUCOSE, previous=(before, older)), protein)))


def newborn_without_sex() -> ClinicalDocument:
    """A twin whose sex the sender gives as undetermined."""
    return parties.document(report(act(GLUCOSE, specimens=(BLOOD,))), parties.NEWBORN)


def patient_with_qualified_ins() -> ClinicalDocument:
    return parties.document(report(act(GLUCOSE, specimens=(BLOOD,))), parties.QUALIFIED_PATIENT)


def second_unit() -> ClinicalDocument:
    """One measure given in moles and in mass: two results under two LOINC codes."""
    mass = result(
        concept("Glycémie à jeun", "GLY", "53049-3", "Glucose a jeun [Masse/Volume] Sérum/Plasma ; Numérique"),
        quantity("0.95", "g/L"),
        "0,95",
        "g/L",
        "OBX[1].second",
        reference_range=usual("0,70 - 1,10", "0.70", "1.10", "g/L"),
    )
    whole = report(act(GLUCOSE, mass))
    cells = result(
        concept("Leucocytes", "GB", "6690-2", "Leucocytes [Nombre/Volume] Sang"),
        quantity("6.8", "10*9/L"),
        "6,8",
        "G/L",
        "OBX[5]",
    )
    count = report(act(cells, title="Hémogramme", origin="OBR[2]"), chapter=HAEMATOLOGY)
    return parties.document(replace(whole, chapters=(*whole.chapters, *count.chapters)))


SITUATIONS: dict[str, tuple[Callable[[], ClinicalDocument], DocumentVersion]] = {
    "simple_biochemistry": (simple_biochemistry, parties.VERSION),
    "correction": (correction, parties.SECOND_VERSION),
    "partial": (partial, parties.VERSION),
    "antibiogram_with_two_isolates": (antibiogram_with_two_isolates, parties.VERSION),
    "unmapped_codes": (unmapped_codes, parties.VERSION),
    "comparator_values": (comparator_values, parties.VERSION),
    "coded_and_text_results": (coded_and_text_results, parties.VERSION),
    "previous_results": (previous_results, parties.VERSION),
    "newborn_without_sex": (newborn_without_sex, parties.VERSION),
    "patient_with_qualified_ins": (patient_with_qualified_ins, parties.VERSION),
    "second_unit": (second_unit, parties.VERSION),
}
