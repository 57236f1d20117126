"""`passeur pack`: the official reference material."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from engine.commands.shell import Home, err, fail, guarded, out
from engine.validation import pack as packs

pack = typer.Typer(help="Packs officiels de l'ANS : schémas, schématrons, jeux de valeurs.", no_args_is_help=True)
Source = Annotated[Path, typer.Argument(help="Dossier ou archive ZIP.", exists=True)]


@pack.command()
def install(source: Source, home: Home = None) -> None:
    """Installe un pack officiel hors du projet : contenu vérifié, manques dits.

    Le premier pack installé est celui qui sert ; `passeur pack use` en choisit un autre.
    """
    with err.status("Installation du pack…"):
        installed = guarded(lambda: packs.install(source, home or packs.default_home()))
    for problem in installed.problems:
        out.print(f"[yellow]{escape(problem.where)}[/yellow] : {escape(problem.message)}", soft_wrap=True)
    out.print(f"[green]Pack {installed.version} installé[/green] dans {escape(str(installed.path))}", soft_wrap=True)


@pack.command("list")
def list_(home: Home = None) -> None:
    """Packs installés ; * devant celui qui sert."""
    where = home or packs.default_home()
    current = packs.current(where)
    for one in packs.installed(where):
        out.print(("* " if current and one.version == current.version else "  ") + one.version, highlight=False)


@pack.command()
def use(version: str, home: Home = None) -> None:
    """Choisit la version qui sert."""
    guarded(lambda: packs.use(version, home or packs.default_home()))


@pack.command()
def verify(home: Home = None) -> None:
    """Compare chaque fichier du pack qui sert à son empreinte. Sortie 1 si un fichier a changé."""
    current = packs.current(home or packs.default_home())
    if current is None:
        fail("aucun pack installé : passeur pack install DOSSIER_OU_ZIP")
    findings = packs.verify(current)
    for finding in findings:
        out.print(f"[red]{escape(finding.where)}[/red] : {escape(finding.message)}", soft_wrap=True)
    if not findings:
        out.print(f"[green]{current.version} : aucun fichier n'a changé[/green]")
    raise typer.Exit(1 if findings else 0)
