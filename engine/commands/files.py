"""Commands that work on files, without a server: convert, validate."""

from __future__ import annotations

import asyncio
import json
import os
from enum import StrEnum
from itertools import chain, count
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from engine import views
from engine.commands import shell
from engine.commands.shell import ROUTES, Home, Json, Routes
from engine.formats.hl7v2.embedded import embedded
from engine.formats.hl7v2.sniff import recognised
from engine.formats.terminology.coverage import Coverage, coverage
from engine.offline import Converted, OfflineConversion, write
from engine.pool import ConversionPool
from engine.route import Installation, Route
from engine.validation import pack as packs
from engine.validation.report import Report, as_html, as_json, as_svrl, as_text

Hprim = Annotated[
    list[Path],
    typer.Argument(help="Fichiers HPRIM ou HL7v2, dans l'ordre de leur émission.", exists=True, dir_okay=False),
]
Output = Annotated[Path, typer.Option("--output", "-o", help="Dossier des résultats.")]
Source = Annotated[str | None, typer.Option(help="Source dont le format s'applique (défaut : la première route).")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processus de conversion.")]
CoverageFile = Annotated[
    Path | None,
    typer.Option("--coverage", help="Écrit ici (CSV) les codes et unités à relier, les plus fréquents d'abord."),
]


_PROCESSORS = os.cpu_count() or 1


class ReportFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    HTML = "html"
    SVRL = "svrl"


def convert(
    files: Hprim,
    output: Output = Path("converted"),
    routes: Routes = ROUTES,
    source: Source = None,
    jobs: Jobs = _PROCESSORS,
    coverage_file: CoverageFile = None,
    home: Home = None,
    json_: Json = False,
) -> None:
    """Convertit des fichiers, sans serveur et sans rien envoyer.

    Pour chaque document : NOM.xml (CDA), NOM.pdf (copie lisible), NOM.findings.json (constats). Sortie 0 si tout peut
    partir, 3 si un document est retenu, 4 si un document ou un fichier est refusé. Une correction donnée après son
    original en devient la version 2.
    """
    installation = shell.installation(routes)
    route = installation.route(source) if source else installation.routes[0]
    if route is None:
        shell.fail(f"aucune route ne part de la source « {source} »")
    converted = shell.run(lambda: _convert(files, installation, route, min(jobs, len(files)), home))
    mapped = coverage(draft.document for one in converted for draft in one.conversion.drafts)
    rows = shell.written(lambda: _write(converted, output, mapped, coverage_file))
    if json_:
        plain = [{"file": str(one.file), "verdict": one.disposition.value, "names": names} for one, names in rows]
        typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))
    else:
        shell.out.print(views.converted_table(rows))
        shell.out.print(f"\n{views.coverage_summary(mapped)}", markup=False, highlight=False, soft_wrap=True)
        words = f"\nRésultats dans {output}/ ; le détail des constats est dans NOM.findings.json"
        shell.out.print(words, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(views.exit_code(one.disposition for one in converted))


def validate(
    files: Annotated[list[Path], typer.Argument(help="Documents CDA, ou messages HL7v2.", exists=True, dir_okay=False)],
    format_: Annotated[ReportFormat, typer.Option("--format", "-f", help="Forme du rapport.")] = ReportFormat.TEXT,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Dossier où écrire un rapport par document.")
    ] = None,
    home: Home = None,
) -> None:
    """Juge des documents CDA : XSD, schématrons officiels si un pack est installé, règles de Passeur toujours.

    Un message HL7v2 qui porte des documents est accepté aussi : chacun d'eux est jugé (message.hl7#1, message.hl7#2).
    Sortie 0 si tous peuvent partir, 1 sinon. Sans --output, le rapport est écrit sur la sortie standard ; une page HTML
    ou un rapport SVRL ne parle que d'un document : donner --output pour plusieurs.
    """
    one_each = format_ in (ReportFormat.HTML, ReportFormat.SVRL)
    judged: tuple[tuple[str, bytes], ...] = shell.guarded(
        lambda: tuple(chain.from_iterable(_documents(file) for file in files))
    )
    if one_each and output is None and len(judged) > 1:
        shell.fail(f"un rapport {format_.value} par document : donnez --output DOSSIER pour plusieurs documents")
    reports: list[Report] = shell.run(lambda: _validate([content for _, content in judged], home))
    named = tuple(zip((name for name, _ in judged), reports, strict=True))
    if output is not None:
        shell.written(lambda: _write_reports(named, format_, output))
    elif format_ is ReportFormat.JSON:
        typer.echo(as_json(named))
    else:
        typer.echo("\n".join(_written(report, name, format_) for name, report in named))
    raise typer.Exit(0 if all(report.may_leave for report in reports) else 1)


def _documents(file: Path) -> tuple[tuple[str, bytes], ...]:
    """(name, content): the file itself, or each document of an HL7v2 message, as it is once decoded."""
    content = file.read_bytes()
    if not recognised(content):
        return ((str(file), content),)
    found = embedded(content)
    if not found:
        shell.fail(f"aucun document CDA dans le message « {file.name} »")
    return tuple((f"{file}#{rank}", one) for rank, one in enumerate(found, start=1))


def _write_reports(named: tuple[tuple[str, Report], ...], format_: ReportFormat, output: Path) -> None:
    """`NOM.report.html`…, numbered where two documents have the same name."""
    suffix = {ReportFormat.TEXT: "txt", ReportFormat.SVRL: "svrl.xml"}.get(format_, format_.value)
    output.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    for name, report in named:
        stem = Path(name).stem
        stem = next(one for one in chain((stem,), (f"{stem}-{number}" for number in count(2))) if one not in taken)
        taken.add(stem)
        (output / f"{stem}.report.{suffix}").write_text(_written(report, name, format_), encoding="utf-8")


def _written(report: Report, name: str, format_: ReportFormat) -> str:
    if format_ is ReportFormat.JSON:
        return as_json(((name, report),))
    return {ReportFormat.HTML: as_html, ReportFormat.SVRL: as_svrl}.get(format_, as_text)(report, name)


def _write(
    converted: list[Converted], output: Path, mapped: Coverage, coverage_file: Path | None
) -> list[tuple[Converted, list[str]]]:
    if coverage_file is not None:
        coverage_file.parent.mkdir(parents=True, exist_ok=True)
        coverage_file.write_bytes(mapped.csv().encode("utf-8-sig"))
    taken: set[str] = set()
    return [(one, write(one, output, taken)) for one in converted]


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


async def _validate(contents: list[bytes], home: Path | None) -> list[Report]:
    pool = ConversionPool(min(_PROCESSORS, len(contents)), 600, home or packs.default_home())
    with _progress("Validation") as progress:
        task = progress.add_task("", total=len(contents))

        async def one(content: bytes) -> Report:
            report = await pool.validate(content)
            progress.advance(task)
            return report

        try:
            return list(await asyncio.gather(*(one(content) for content in contents)))
        finally:
            pool.close()


def _progress(words: str) -> Progress:
    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=shell.err, transient=True, disable=not shell.err.is_terminal)
