"""Vaccinations as the certificates list them (JDV_VaccinCSE8, CSE9 and CSE24): by disease, one answer for each dose."""

from __future__ import annotations

from engine.childhood.values import Answer, Part, Text, asked


class Doses(Part, title="Doses"):
    """Doses received so far."""

    dose_1: Answer | None = asked("1re dose", 1, 8, 12)
    dose_2: Answer | None = asked("2e dose", 8, 12)
    rappel: Answer | None = asked("rappel", 12)


class Vaccinations(Part, title="Vaccinations"):
    """What the child has received."""

    tuberculose: Doses | None = asked("Tuberculose (BCG)", 1, 8, 12)
    hepatite_b: Doses | None = asked("Hépatite B", 1, 8, 12)
    diphterie_tetanos_polio: Doses | None = asked("Diphtérie, tétanos, poliomyélite", 8, 12)
    coqueluche: Doses | None = asked("Coqueluche", 8, 12)
    haemophilus_b: Doses | None = asked("Haemophilus influenzae b", 8, 12)
    pneumocoque: Doses | None = asked("Pneumocoque", 8, 12)
    meningocoque_b: Doses | None = asked("Méningocoque B", 8, 12)
    meningocoque_c: Doses | None = asked("Méningocoque C", 8, 12)
    meningocoques_acwy: Doses | None = asked("Méningocoques A, C, W, Y", 8, 12)
    rotavirus: Doses | None = asked("Rotavirus", 8, 12)
    rougeole_oreillons_rubeole: Doses | None = asked("Rougeole, oreillons, rubéole", 12)
    fievre_jaune: Doses | None = asked("Fièvre jaune", 12)
    vrs: Answer | None = asked("Immunisation contre le VRS", 1)
    observations: Text | None = asked("Observations sur les vaccinations")
