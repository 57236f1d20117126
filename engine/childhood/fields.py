"""The fields of the twenty reports, as a host software sends them: French labels, none mandatory, open.

The forms themselves are not among our sources. What is here is what the three child health certificates show of
them, in their models (CSE-CS8, CS9, CS24) and value sets; beside it, texts for the rest, and `autres` for any field a
site adds (label and value).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.childhood.vaccines import Vaccinations
from engine.childhood.values import (
    Answer,
    BodyMassIndex,
    Count,
    Duration,
    HeadCircumference,
    Height,
    Part,
    Score,
    Text,
    Weight,
    asked,
)

_FROM_24_MONTHS = tuple(range(12, 21))
Care = Literal["accueil collectif", "assistance maternelle", "garde à domicile"]
Feeding = Literal["lait maternel exclusif", "mixte", "sans lait maternel"]
Screens = Literal["jamais", "moins d'une fois par semaine", "au moins une fois par semaine"]
Hearing = Literal["test auditif normal", "audition à recontrôler"]
Screening = Literal["absence de trouble", "orientation vers une plateforme de coordination et d'orientation"]


class Measures(Part, title="Mesures"):
    """What was measured."""

    poids: Weight | None = asked("Poids (g ou kg)")
    taille: Height | None = asked("Taille (cm)")
    perimetre_cranien: HeadCircumference | None = asked("Périmètre crânien (cm)")
    imc: BodyMassIndex | None = asked("Indice de masse corporelle (kg/m²)", *_FROM_24_MONTHS)


class Birth(Part, title="Naissance et première semaine"):
    """The birth and the first week."""

    age_gestationnel_semaines: Count | None = asked("Âge gestationnel (semaines)", 1)
    apgar_1: Score | None = asked("Apgar à 1 minute", 1)
    apgar_5: Score | None = asked("Apgar à 5 minutes", 1)
    apgar_10: Score | None = asked("Apgar à 10 minutes", 1)
    gestes_specialises: Answer | None = asked("Gestes techniques spécialisés", 1)
    depistage_surdite: Answer | None = asked("Dépistage de la surdité fait", 1)
    resultat_surdite: Hearing | None = asked("Résultat du dépistage de la surdité", 1)
    detresse_respiratoire: Answer | None = asked("Détresse respiratoire", 1)
    antibiotherapie: Answer | None = asked("Antibiothérapie de plus de 48 heures", 1)
    pathologie_neurologique: Answer | None = asked("Pathologie neurologique", 1)
    urgence_chirurgicale: Answer | None = asked("Urgence chirurgicale", 1)
    autre_pathologie: Text | None = asked("Autre pathologie de la première semaine", 1)
    transfert: Text | None = asked("Transfert ou mutation", 1)


class LifeStyle(Part, title="Mode de vie"):
    """How the child lives."""

    enfants_au_foyer: Count | None = asked("Nombre d'enfants vivant au foyer", 1, 8, 12)
    alimentation: Feeding | None = asked("Alimentation de l'enfant", 1)
    lait_maternel_exclusif: Duration | None = asked("Durée de l'allaitement maternel exclusif", 8, 12)
    alimentation_mixte: Duration | None = asked("Durée de l'alimentation mixte", 8, 12)
    enfant_garde: Answer | None = asked("Enfant gardé", 8, 12)
    type_de_garde: Care | None = asked("Type de garde principal", 8, 12)
    risque_saturnisme: Answer | None = asked("Risque de saturnisme", 8, 12)
    risque_tuberculose: Answer | None = asked("Risque de tuberculose", 1, 8)
    ecrans: Screens | None = asked("Exposition aux écrans sans interaction avec un adulte", 12)


class History(Part, title="Antécédents"):
    """What came before."""

    prematurite_33: Answer | None = asked("Naissance avant 33 semaines", 8, 12)
    accident_domestique: Answer | None = asked("Accident domestique (avant le 9e mois, ou depuis)", 8, 12)
    choc_traumatique: Answer | None = asked("dont choc traumatique", 8, 12)
    brulure: Answer | None = asked("dont brûlure", 8, 12)
    intoxication: Answer | None = asked("dont intoxication", 8, 12)
    autre_accident: Answer | None = asked("dont autre accident", 8, 12)
    allergies: Text | None = asked("Allergies", 12)
    observations: Text | None = asked("Observations sur les antécédents")


class Development(Part, title="Développement"):
    """Psychomotor development."""

    reperage_tnd: Screening | None = asked("Repérage des troubles du neurodéveloppement", 8, 12)
    marche: Answer | None = asked("Marche acquise", 12)
    age_marche_mois: Count | None = asked("Âge de la marche (mois)", 12)
    observations: Text | None = asked("Observations sur le développement")


class Examination(Part, title="Examen clinique"):
    """What was seen."""

    observations: Text | None = asked("Observations de l'examen")


class Conclusions(Part, title="Conclusions et conduite à tenir"):
    """What is concluded, and what is to be done."""

    conclusion: Text | None = asked("Conclusion")
    surveillance_particuliere: Answer | None = asked("Surveillance médicale particulière")
    orientation_professionnel: Answer | None = asked("Orientation vers un autre professionnel de santé")
    orientation_structure: Answer | None = asked("Orientation vers une structure pluridisciplinaire")
    lien_pmi: Answer | None = asked("Lien avec le médecin de PMI, avec l'accord des parents", 1, 8, 12)
    informations_pmi: Text | None = asked("Informations pour le service de PMI", 1, 8, 12)
    traitements: Text | None = asked("Traitements")
    prochain_examen: Text | None = asked("Prochain examen")


class ExtraField(Part):
    """A field of the site's own."""

    label: Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^:\r\n]*[^:\s][^:\r\n]*$")]
    value: Text = ""


class ChildExamFields(Part, title="Compte rendu d'examen obligatoire de l'enfant"):
    """Everything may be left out but the rank of the examination."""

    exam: Annotated[int, Field(ge=1, le=20, strict=True, title="Rang de l'examen", description="1 à 20")]
    mesures: Measures = Measures()
    naissance: Birth = Birth()
    mode_de_vie: LifeStyle = LifeStyle()
    antecedents: History = History()
    developpement: Development = Development()
    examen_clinique: Examination = Examination()
    vaccinations: Vaccinations = Vaccinations()
    conclusions: Conclusions = Conclusions()
    texte_libre: Annotated[Text, Field(title="Texte libre")] | None = None
    autres: Annotated[tuple[ExtraField, ...], Field(max_length=100, title="Autres champs du site")] = ()
