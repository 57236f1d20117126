"""`passeur catalogue`: the documents, the mapping sheet of a vendor, and who does what."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from engine.catalogue.availability import document_type_of
from engine.catalogue.catalogue import catalogue as lines
from engine.catalogue.catalogue import entries_of
from engine.catalogue.delegation import Coverage, delegations
from engine.catalogue.entry import SEVERAL, CatalogueEntry
from engine.catalogue.mapping import mapping, mapping_sheet
from engine.commands import shell
from engine.errors import DocumentError
from engine.registry import document_types

_COVERAGE = {Coverage.ENGINE: "Passeur", Coverage.SHARED: "les deux", Coverage.HOST: "votre logiciel"}


def catalogue(
    profession: Annotated[str | None, typer.Option(help="Une seule profession.")] = None,
    sheet: Annotated[
        Path | None, typer.Option(help="Écrit la table de correspondance à remplir ; « - » : sur la sortie.")
    ] = None,
    check: Annotated[
        Path | None, typer.Option(help="Relit une table remplie et dit tous ses problèmes ; sortie 1 s'il y en a.")
    ] = None,
    delegation: Annotated[
        bool, typer.Option("--delegation", help="Par exigence : ce que fait Passeur, ce que montre votre logiciel.")
    ] = False,
) -> None:
    """Montre le catalogue des documents, et la table qui y relie les genres d'un logiciel."""
    if check is not None:
        _checked(check)
        return
    if delegation:
        _delegation()
        return
    try:
        chosen = lines() if profession is None else entries_of(profession)
    except DocumentError as error:
        typer.echo("; ".join(f"{one.message} {one.remedy}" for one in error.findings), err=True)
        raise typer.Exit(1) from None
    if sheet is None:
        _shown(chosen)
    elif str(sheet) == "-":
        sys.stdout.buffer.write(mapping_sheet(chosen))
    else:
        sheet.write_bytes(mapping_sheet(chosen))
        shell.out.print(f"{sheet} : {len(chosen)} lignes à relier (colonne host_kind)", markup=False, highlight=False)


def _shown(chosen: tuple[CatalogueEntry, ...]) -> None:
    table = Table("Profession", "Profil", "Document", "Nom", "Niveau", "DMP", "MSSanté", "Produit", box=None)
    for one in chosen:
        table.add_row(
            one.profession,
            SEVERAL.join(one.profiles),
            one.doc_id,
            one.name,
            one.level,
            "oui" if one.dmp else "",
            "oui" if one.mssante_professional else "",
            "oui" if _built(one) else "non",
        )
    shell.out.print(table)


def _built(one: CatalogueEntry) -> bool:
    try:
        document_type_of(one, document_types())
    except DocumentError:
        return False
    return True


def _checked(path: Path) -> None:
    try:
        content = path.read_bytes()
    except OSError as error:
        typer.echo(f"{path} : {error.strerror}", err=True)
        raise typer.Exit(1) from None
    kinds, findings = mapping(content, path.name)
    for one in findings:
        typer.echo(f"{one.where}: {one.message} {one.remedy}".rstrip())
    if findings:
        raise typer.Exit(1)
    shell.out.print(
        f"{path} : {len(kinds)} genres reliés, aucun problème", style="green", markup=False, highlight=False
    )


def _delegation() -> None:
    table = Table("Exigence", "Sujet", "Qui", "Passeur", "Votre logiciel", "Preuve", box=None, show_lines=True)
    for one in delegations():
        table.add_row(one.requirement, one.subject, _COVERAGE[one.coverage], one.engine, one.host, one.proof)
    shell.out.print(table)
