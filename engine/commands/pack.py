"""`passeur pack`: the official reference material."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

from engine.commands.shell import Home, Json, err, fail, guarded, out
from engine.findings import Finding
from engine.validation import pack as packs
from engine.validation.pack import Pack
from engine.validation.pack_download import check_hash, download, local_path

pack = typer.Typer(help="Packs officiels de l'ANS : schémas, schématrons, jeux de valeurs.", no_args_is_help=True)
Source = Annotated[str, typer.Argument(metavar="DOSSIER|ZIP|URL", help="Dossier, archive ZIP, adresse https ou file.")]
Sha256 = Annotated[str | None, typer.Option("--sha256", metavar="HEX", help="Empreinte publiée de l'archive.")]


@pack.command()
def install(source: Source, sha256: Sha256 = None, home: Home = None, json_: Json = False) -> None:
    """Installe un pack officiel hors du projet : contenu vérifié, manques dits.

    Le premier pack installé est celui qui sert ; `passeur pack use` en choisit un autre.
    """
    installed: Pack = guarded(lambda: _install(source, sha256, home or packs.default_home()))
    if json_:
        _say_json(_plain(installed) | {"problems": [_finding(problem) for problem in installed.problems]})
        return
    for problem in installed.problems:
        out.print(f"[yellow]{escape(problem.where)}[/yellow] : {escape(problem.message)}", soft_wrap=True)
    out.print(f"[green]Pack {installed.version} installé[/green] dans {escape(str(installed.path))}", soft_wrap=True)


@pack.command("list")
def list_(home: Home = None, json_: Json = False) -> None:
    """Packs installés ; * devant celui qui sert."""
    where = home or packs.default_home()
    chosen = packs.chosen(where)
    installed: tuple[Pack, ...] = guarded(lambda: packs.installed(where))
    if json_:
        _say_json([_plain(one) | {"current": one.version == chosen} for one in installed])
        return
    for one in installed:
        out.print(("* " if one.version == chosen else "  ") + one.version, highlight=False)
    if not installed:
        out.print("aucun pack installé : passeur pack install DOSSIER_ZIP_OU_URL", highlight=False)


@pack.command()
def use(version: str, home: Home = None) -> None:
    """Choisit la version qui sert ; un moteur en marche la prend dans la seconde."""
    guarded(lambda: packs.use(version, home or packs.default_home()))


@pack.command()
def verify(home: Home = None, json_: Json = False) -> None:
    """Compare chaque fichier du pack qui sert à son empreinte. Sortie 1 si un fichier a changé."""
    current: Pack | None = guarded(lambda: packs.current(home or packs.default_home()))
    if current is None:
        fail("aucun pack installé : passeur pack install DOSSIER_ZIP_OU_URL")
    findings: tuple[Finding, ...] = guarded(lambda: packs.verify(current))
    if json_:
        _say_json({"version": current.version, "intact": not findings, "findings": [_finding(f) for f in findings]})
    for finding in () if json_ else findings:
        out.print(f"[red]{escape(finding.where)}[/red] : {escape(finding.message)}", soft_wrap=True)
    if not findings and not json_:
        out.print(f"[green]{current.version} : aucun fichier n'a changé[/green]")
    raise typer.Exit(1 if findings else 0)


def _install(source: str, sha256: str | None, home: Path) -> Pack:
    local = local_path(source)
    if local is not None:
        return _installed(local, sha256, home)
    with tempfile.TemporaryDirectory(prefix="passeur-pack-") as folder:
        return _installed(_downloaded(source, Path(folder)), sha256, home)


def _installed(source: Path, sha256: str | None, home: Path) -> Pack:
    if sha256 is not None:
        check_hash(source, sha256)
    with err.status("Installation du pack…"):
        return packs.install(source, home)


def _downloaded(address: str, folder: Path) -> Path:
    columns = (TextColumn("Téléchargement"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("", total=None)
        return download(
            address, folder, progress=lambda done, total: progress.update(task, completed=done, total=total)
        )


def _plain(one: Pack) -> dict[str, Any]:
    return {"version": one.version, "path": str(one.path), "hash": one.hash}


def _say_json(plain: Any) -> None:
    typer.echo(json.dumps(plain, ensure_ascii=False, indent=2))


def _finding(finding: Finding) -> dict[str, Any]:
    return {name: asdict(finding)[name] for name in ("code", "severity", "where", "message", "remedy")}
