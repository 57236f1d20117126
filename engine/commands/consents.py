"""`passeur consents`: what patients answered about their DMP. A patient is asked for, never written on a command line,
which the machine shows to others and keeps."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from engine import views
from engine.commands import shell
from engine.commands.shell import ROUTES, Json, Routes
from engine.commands.state import Limit, ask, inherited
from engine.model.parties import INS_OIDS

consents = typer.Typer(help="Choix des patients sur leur DMP : liste, détail, recherche.", invoke_without_command=True)

System = Annotated[
    str | None,
    typer.Option(help="OID de l'autorité qui l'a donné (défaut : l'INS, quel que soit son OID)."),
]


@consents.callback()
def consents_list(context: typer.Context, routes: Routes = ROUTES, limit: Limit = 50, json_: Json = False) -> None:
    """Derniers choix enregistrés, sans le nom des patients."""
    if not inherited(context, routes):
        shell.show(ask(routes, lambda asked: asked.get("/consents", limit=limit)), json_, views.consents_table)


@consents.command("show")
def consents_show(consent_id: int, routes: Routes = ROUTES, json_: Json = False) -> None:
    """Un choix : ce qui a été répondu, quand, recueilli par qui."""
    kept = ask(routes, lambda asked: asked.get(f"/consents/{consent_id}"))
    if json_:
        typer.echo(json.dumps(kept, ensure_ascii=False, indent=2))
        return
    shell.out.print(views.consents_table([kept]))
    for title, words in (("Recueilli par", kept["author"]), ("Message", kept["message_id"])):
        if words:
            shell.out.print(f"{title} : {words}", markup=False, highlight=False, soft_wrap=True)


@consents.command("search")
def consents_search(routes: Routes = ROUTES, system: System = None, json_: Json = False) -> None:
    """Les choix d'un patient et les envois qu'ils bloquent ; l'identifiant est demandé (ou lu sur l'entrée)."""
    value = typer.prompt("Identifiant du patient", err=True).strip()
    systems = sorted(INS_OIDS) if system is None else [system]
    patient = [{"system": one, "value": value} for one in systems]
    found: dict[str, Any] = ask(routes, lambda asked: asked.post("/consents/search", {"patient": patient}))
    if json_:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for subject in ("feeding", "consultation"):
        shell.out.print(views.standing(subject, found[subject]))
    shell.out.print()
    shell.out.print(views.consents_table(found["answers"]))
    shell.out.print()
    shell.out.print(views.orders_table(found["orders"]))
