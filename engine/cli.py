"""Command line: `passeur`. Each command explains itself with `--help`."""

from __future__ import annotations

import asyncio
import json
import signal
from dataclasses import asdict
from typing import Annotated

import typer

from engine import __version__, app, demo, doctor, log
from engine.commands import files, shell
from engine.commands.catalogue import catalogue
from engine.commands.consents import consents
from engine.commands.french import speak_french
from engine.commands.history import history
from engine.commands.pack import pack
from engine.commands.shell import ROUTES, Home, Json, Routes
from engine.commands.state import lanes, messages, orders
from engine.validation import pack as packs

Schema = Annotated[bool, typer.Option("--schema", help="Écrit le schéma JSON de routes.yaml, pour un éditeur.")]

main = typer.Typer(
    name="passeur",
    help="Moteur d'interopérabilité : HPRIM → CDA CI-SIS niveau 1 ou 3 → validation → DMP et MSSanté.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
main.add_typer(messages, name="messages")
main.add_typer(orders, name="orders")
main.add_typer(consents, name="consents")
main.add_typer(lanes, name="lanes")
main.add_typer(history, name="history")
main.add_typer(pack, name="pack")
main.command()(files.convert)
main.command()(files.validate)
main.command()(catalogue)


@main.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Version de Passeur.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Journal plus détaillé.")] = False,
) -> None:
    log.configure(verbose=verbose)
    if version:
        shell.out.print(f"passeur {__version__}", highlight=False)
        raise typer.Exit


@main.command("demo")
def demo_command(
    routes: Routes = ROUTES,
    stay: Annotated[bool, typer.Option(help="Rester en marche après le tableau (Ctrl-C pour arrêter).")] = False,
) -> None:
    """Montre la ligne entière : fichiers HPRIM d'exemple → CDA → simulateurs DMP et MSSanté.

    Tout reste sur cette machine, dans var/demo. Aucun pair réel n'est appelé.
    """
    log.configure(to=demo.LOG)
    shell.run(lambda: demo.demo(routes, shell.out, stay=stay or shell.out.is_terminal))


@main.command()
def run(routes: Routes = ROUTES, home: Home = None) -> None:
    """Fait tourner le moteur jusqu'à SIGTERM ou Ctrl-C. Ce qui est en cours se termine, le reste attend."""
    installation = shell.installation(routes)

    async def serve() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await app.Engine(installation, home or packs.default_home()).run(stop, warm=True)

    shell.run(serve)


@main.command()
def check(routes: Routes = ROUTES, json_: Json = False, schema: Schema = False) -> None:
    """Relit routes.yaml et dit tous ses problèmes à la fois : fichier:ligne:colonne, puis quoi faire.

    Sortie 1 s'il y en a.
    """
    if schema:
        typer.echo(json.dumps(app.schema(), ensure_ascii=False, indent=2))
        return
    _, problems = shell.read(routes)
    if json_:
        typer.echo(json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2))
    for problem in () if json_ else problems:
        typer.echo(str(problem))
    if problems:
        raise typer.Exit(1)
    if not json_:
        shell.out.print(f"{routes} : aucun problème", style="green", markup=False, highlight=False)


@main.command("doctor")
def doctor_command(routes: Routes = ROUTES, home: Home = None) -> None:
    """Vérifie l'installation point par point : configuration, stockage, pack, chaque source, chaque destination.

    Sortie 1 si un point échoue.
    """
    sound = shell.run(lambda: doctor.examine(routes, home or packs.default_home(), shell.out))
    raise typer.Exit(0 if sound else 1)


speak_french(main)
