"""Codes that a scanner typed: the INS datamatrix of a document, the code of a box of medicine. Nothing is kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from engine.api.answers import Remark, remarks
from engine.api.callers import ForDocuments
from engine.api.problems import responses
from engine.api.words import language
from engine.scan.gs1 import scan_gs1
from engine.scan.gs1_dates import Gs1Date
from engine.scan.ins_datamatrix import scan_ins

router = APIRouter(tags=["scan"])


class Scanned(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[
        str, Field(max_length=10_000, description="Ce que le lecteur a tapé, tel quel, caractères de contrôle compris")
    ]


class ScannedBox(Scanned):
    keeps_separators: Annotated[bool, Field(description="Le lecteur transmet le caractère GS (29)")] = False
    today: Annotated[date | None, Field(description="Pour dire qu'un produit est périmé")] = None


class ReadIdentity(BaseModel):
    """What the datamatrix says; null for a field that is absent, wrong or ambiguous. Never a qualified identity."""

    matricule: str | None
    oid: str | None
    given_names: str | None
    birth_name: str | None
    gender: str | None
    birth_date: str | None
    birth_cog: str | None


class InsAnswer(BaseModel):
    identity: ReadIdentity | None
    """Null when this is no INS datamatrix, or one that cannot be interpreted."""
    keyboard: str
    """How the text was read: as typed, or by another keyboard layout."""
    remarks: list[Remark]


class ReadDate(BaseModel):
    date: date
    precision: Literal["day", "month"]
    """`month`: the code names no day; `date` is the last of the month."""


class Alternatives(BaseModel):
    identifier: str
    values: list[str]


class BoxAnswer(BaseModel):
    """Null for what is absent, wrong or ambiguous."""

    gtin: str | None
    cip13: str | None
    cip7: str | None
    lot: str | None
    serial: str | None
    expiry: ReadDate | None
    alternatives: list[Alternatives]
    """What could be read in several ways, for a person to compare with the box."""
    keyboard: str
    remarks: list[Remark]


@router.post("/scan/ins", summary="Lire un datamatrix INS", responses=responses(422))
async def ins(asked: Scanned, request: Request, _caller: ForDocuments) -> InsAnswer:
    read = scan_ins(asked.text)
    found = read.identity
    identity = None
    if found is not None:
        identity = ReadIdentity(
            matricule=found.matricule,
            oid=found.oid,
            given_names=found.given_names,
            birth_name=found.birth_name,
            gender=found.gender,
            birth_date=found.birth_date.value if found.birth_date else None,
            birth_cog=found.birth_cog,
        )
    return InsAnswer(identity=identity, keyboard=read.layout, remarks=remarks(read.findings, language(request.scope)))


@router.post("/scan/gs1", summary="Lire le code d'une boîte de médicament", responses=responses(422))
async def gs1(asked: ScannedBox, request: Request, _caller: ForDocuments) -> BoxAnswer:
    read = scan_gs1(asked.text, today=asked.today, keeps_separators=asked.keeps_separators)
    return BoxAnswer(
        gtin=read.gtin,
        cip13=read.cip13,
        cip7=read.cip7,
        lot=read.lot,
        serial=read.serial,
        expiry=_date(read.expiry),
        alternatives=[Alternatives(identifier=one.identifier, values=list(one.values)) for one in read.alternatives],
        keyboard=read.layout,
        remarks=remarks(read.findings, language(request.scope)),
    )


def _date(read: Gs1Date | None) -> ReadDate | None:
    if read is None:
        return None
    return ReadDate(date=read.last_day, precision="month" if read.day is None else "day")
