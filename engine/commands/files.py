"""Commands that work on files, without a server: convert, validate."""

from __future__ import annotations

import asyncio
import json
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from engine import views
from engine.commands import shell
from engine.commands.shell import ROUTES, Home, Json, Routes
from engine.offline import Converted, OfflineConversion, write
from engine.pool import ConversionPool
from engine.route import Installation, Route
from engine.validation import pack as packs
from engine.validation.report import Report, as_html, as_json, as_text

Hprim = Annotated[
    list[Path], typer.Argument(help="Fichiers HPRIM, dans l'ordre de leur émission.", exists=True, dir_okay=False)
]
Output = Annotated[Path, typer.Option("--output", "-o", help="Dossier des résultats.")]
Source = Annotated[str | None, typer.Option(help="Source dont le format s'applique (défaut : la première route).")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processus de conversion.")]


_PROCESSORS = os.cpu_count() or 1


class ReportFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"


def convert(
    files: Hprim,
    output: Output = Path("converted"),
    routes: Routes = ROUTES,
    source: Source = None,
    jobs: Jobs = _PROCESSORS,
    home: Home = None,
    json_: Json = False,
) -> None:
    """Convertit des fichiers, sans serveur et sans rien envoyer.

    Pour chaque document : NOM.xml (CDA), NOM.pdf (copie lisible), NOM.findings.json (constats). Sortie 0 si tout peut
    partir, 3 si un document est retenu, 4 si un document ou un fichier est refusé.
    """
    installation = shell.installation(routes)
    route = installation.route(source) if source else installation.routes[0]
    if route is None:
        shell.fail(f"aucune route ne part de la source « {source} »")
    converted = shell.run(lambda: _convert(files, installation, route, min(jobs, len(files)), home))
    taken: set[str] = set()
    rows = [(one, write(one, output, taken)) for one in converted]
    if json_:
        plain = [{"file": str(one.file), "verdict": one.disposition.value, "names": names} for one, names in rows]
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        shell.out.print(views.converted_table(rows))
        shell.out.print(f"Résultats dans {output}/ ; le détail des constats est dans NOM.findings.json")
    raise typer.Exit(views.exit_code(one.disposition for one in converted))


def validate(
    files: Annotated[list[Path], typer.Argument(help="Documents CDA.", exists=True, dir_okay=False)],
    format_: Annotated[ReportFormat, typer.Option("--format", "-f", help="Forme du rapport.")] = ReportFormat.TEXT,
    home: Home = None,
) -> None:
    """Juge des documents CDA : XSD, schématrons officiels si un pack est installé, règles de Passeur toujours.

    Sortie 0 si tous peuvent partir, 1 sinon.
    """
    reports: list[Report] = shell.run(lambda: _validate(files, home))
    named = tuple(zip((str(file) for file in files), reports, strict=True))
    if format_ is ReportFormat.JSON:
        typer.echo(as_json(named))
    for name, report in named if format_ is not ReportFormat.JSON else ():
        typer.echo(as_html(report, name) if format_ is ReportFormat.HTML else as_text(report, name))
    raise typer.Exit(0 if all(report.may_leave for report in reports) else 1)


async def _convert(
    files: list[Path], installation: Installation, route: Route, jobs: int, home: Path | None
) -> list[Converted]:
    pool = ConversionPool(jobs, installation.conversion_timeout_seconds, home or packs.default_home())
    with _progress("Conversion") as progress:
        task = progress.add_task("", total=len(files))
        try:
            return await OfflineConversion(pool, installation, route).convert(files, lambda _: progress.advance(task))
        finally:
            pool.close()


async def _validate(files: list[Path], home: Path | None) -> list[Report]:
    pool = ConversionPool(min(_PROCESSORS, len(files)), 600, home or packs.default_home())
    with _progress("Validation") as progress:
        task = progress.add_task("", total=len(files))

        async def one(file: Path) -> Report:
            report = await pool.validate(await asyncio.to_thread(file.read_bytes))
            progress.advance(task)
            return report

        try:
            return list(await asyncio.gather(*(one(file) for file in files)))
        finally:
            pool.close()


def _progress(words: str) -> Progress:
    return Progress(TextColumn(words), BarColumn(), MofNCompleteColumn(), console=shell.err, transient=True)
