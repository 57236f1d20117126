"""The catalogue of documents, and the sheet by which a vendor maps its own kinds to it."""

from __future__ import annotations

from typing import Annotated, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from engine.api.answers import Remark, remarks
from engine.api.body import body, body_of
from engine.api.callers import Anybody, Serving
from engine.api.problems import Fault, RefusedCall, refused_fields, responses
from engine.api.words import language
from engine.catalogue.availability import document_type_of
from engine.catalogue.catalogue import catalogue, entries_of, profiles
from engine.catalogue.entry import EVERY_PROFILE, CatalogueEntry, Confidence, Level
from engine.catalogue.mapping import mapping, mapping_sheet
from engine.errors import DocumentError
from engine.model.values import Code
from engine.registry import document_types

router = APIRouter(tags=["catalogue"])
_SHEET = "genres.csv"
Profession = Annotated[str | None, Query(max_length=100, description="medecin, sage-femme, pharmacien, paramedical…")]


class CodedValue(BaseModel):
    code: str
    system: str
    display: str

    @classmethod
    def of(cls, code: Code) -> Self:
        return cls(code=code.code or "", system=code.system or "", display=code.display or "")


class CatalogueLine(BaseModel):
    """One document of one profession; everything but `built` comes from the national tables."""

    key: str
    profession: str
    profiles: list[str]
    document: str
    """What a request says in `document`."""
    name: str
    level: Level
    built: bool
    """Produced by this version; else `instead` says what is."""
    instead: str
    type: CodedValue
    class_code: CodedValue
    formats: list[CodedValue]
    templates: list[str]
    dmp: bool
    """Fed to the DMP unless the call says otherwise."""
    mssante_professional: bool
    """Copied to the treating and addressing doctors unless the call says otherwise."""
    confidence: Confidence
    """How surely the line was read in its sources."""
    note: str

    @classmethod
    def of(cls, entry: CatalogueEntry) -> Self:
        instead = _instead(entry)
        return cls(
            key=entry.key,
            profession=entry.profession,
            profiles=list(entry.profiles),
            document=entry.doc_id,
            name=entry.name,
            level=entry.level,
            built=not instead,
            instead=instead,
            type=CodedValue.of(entry.type),
            class_code=CodedValue.of(entry.class_code),
            formats=[CodedValue.of(one) for one in entry.formats],
            templates=list(entry.templates),
            dmp=entry.dmp,
            mssante_professional=entry.mssante_professional,
            confidence=entry.confidence,
            note=entry.note,
        )


class CheckedSheet(BaseModel):
    sound: bool
    """To be used as it is: `structures: … kinds`."""
    kinds: int
    """Of the host, mapped without a problem."""
    problems: list[Remark]
    """Each at its line and column: `genres.csv:12:4`."""


@router.get(
    "/catalogue",
    summary="Les documents : lesquels, à quel niveau, codés comment, envoyés où par défaut",
    responses=responses(422),
)
async def get_catalogue(
    _caller: Anybody,
    profession: Profession = None,
    profile: Annotated[str | None, Query(max_length=100)] = None,
    level: Level | None = None,
) -> list[CatalogueLine]:
    return [CatalogueLine.of(one) for one in _lines(profession, profile) if level in (None, one.level)]


@router.get(
    "/catalogue/sheet.csv",
    summary="La table de correspondance à remplir",
    description="Une ligne par document ; écrivez vos genres dans `host_kind`, puis `structures: … kinds`.",
    response_class=Response,
    responses={200: {"content": {"text/csv": {}}}, **responses(422)},
)
async def get_sheet(_caller: Anybody, profession: Profession = None) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{_SHEET}"'}
    content = mapping_sheet(_lines(profession, None))
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


@router.post(
    "/catalogue/sheet",
    summary="Vérifier une table remplie : tous ses problèmes à la fois",
    responses=responses(413, 422),
    openapi_extra=body_of("text/csv"),
)
async def check_sheet(request: Request, _caller: Anybody, given: Serving) -> CheckedSheet:
    content = await body(request, given.max_body_bytes)
    if not content:
        raise RefusedCall(422, "api.empty_body", "corps vide : envoyez la table (CSV) telle quelle")
    kinds, findings = mapping(content, _SHEET)
    problems = remarks(findings, language(request.scope))
    return CheckedSheet(sound=not problems, kinds=len(kinds), problems=problems)


def _lines(profession: str | None, profile: str | None) -> tuple[CatalogueEntry, ...]:
    """Raises RefusedCall with the nearest name."""
    try:
        lines = catalogue() if profession is None else entries_of(profession)
        if profile is None:
            return lines
        if profession is not None and profile not in profiles(profession):
            return ()
    except DocumentError as error:
        raise refused_fields(Fault.of(one) for one in error.findings) from None
    return tuple(one for one in lines if profile in one.profiles or one.profiles == (EVERY_PROFILE,))


def _instead(entry: CatalogueEntry) -> str:
    """Empty when the line is produced."""
    try:
        document_type_of(entry, document_types())
    except DocumentError as error:
        return " ".join(f"{one.message} {one.remedy}" for one in error.findings).strip()
    return ""
