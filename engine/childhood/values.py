"""What one field of an examination report may hold. Absent, "not asked", "unknown" and "no" are four things."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

EVERY_RANK = tuple(range(1, 21))

Answer = Literal["oui", "non", "ne sait pas", "non demandé"]
"""Absent: the box is left empty."""
Text = Annotated[str, Field(max_length=4_000)]
Count = Annotated[int, Field(ge=0, le=99, strict=True)]
Score = Annotated[int, Field(ge=0, le=10, strict=True)]


class Part(BaseModel):
    """A part of a report: everything in it may be left out, nothing unknown gets lost in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Measure(Part):
    """A number with its unit, digits as sent: `{"valeur": "8,25", "unite": "kg"}`. A JSON number is refused, because
    it would lose them."""

    bounds: ClassVar[dict[str, tuple[str, str]]] = {}
    """By unit: beyond, it is a mistake of unit or of typing, whoever the child is (limits of ours)."""

    valeur: Annotated[str, Field(pattern=r"^\d{1,6}([.,]\d{1,3})?$", description="Chiffres tels que mesurés")]
    unite: str

    @model_validator(mode="after")
    def _possible(self) -> Self:
        low, high = self.bounds[self.unite]
        if not Decimal(low) <= Decimal(self.valeur.replace(",", ".")) <= Decimal(high):
            raise ValueError(f"valeur impossible : de {low} à {high} {self.unite} ; vérifiez l'unité")
        return self


class Weight(Measure):
    bounds = {"g": ("200", "200000"), "kg": ("0.2", "200")}
    unite: Literal["g", "kg"]


class Height(Measure):
    bounds = {"cm": ("20", "230")}
    unite: Literal["cm"]


class HeadCircumference(Measure):
    bounds = {"cm": ("15", "70")}
    unite: Literal["cm"]


class BodyMassIndex(Measure):
    bounds = {"kg/m²": ("5", "80")}
    unite: Literal["kg/m²"]


class Duration(Measure):
    bounds = {"jours": ("0", "1500"), "semaines": ("0", "250"), "mois": ("0", "60")}
    unite: Literal["jours", "semaines", "mois"]


def asked(title: str, *ranks: int, choices: tuple[str, ...] = ()) -> Any:
    """A field with its French label, on the forms of these examinations (none named: of all). A value sent for
    another one is shown all the same. Any: pydantic's own."""
    extra: dict[str, Any] = {"examens": list(ranks or EVERY_RANK)}
    if choices:
        extra["choix"] = list(choices)
    return Field(default=None, title=title, json_schema_extra=extra)
