"""`passeur history`: older documents leave for a destination that never had them, behind the fresh ones."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from engine.commands import shell
from engine.commands.shell import ROUTES, Json, Routes
from engine.commands.state import ask
from engine.history_runs.run import RunAction
from engine.views import told

history = typer.Typer(
    help="Rattrapage de l'historique : documents gardés qu'une destination n'a jamais eus.", no_args_is_help=True
)

STATES = {
    "planning": "en préparation",
    "running": "en cours",
    "paused": "suspendu",
    "done": "terminé",
    "cancelled": "annulé",
}
REASONS = {
    "date": "acte hors de la période",
    "sender": "autre émetteur",
    "type": "autre type de document",
    "status": "autre statut",
    "not_ready": "document retenu, refusé ou non construit",
    "deleted": "document supprimé",
    "replaced": "remplacé par une version plus récente",
    "newer_not_ready": "une version plus récente attend ou a été refusée",
    "already_sent": "déjà remis",
    "under_way": "envoi déjà en cours",
    "ended": "envoi annulé, rejeté ou remplacé : « passeur orders resend » si une personne le décide",
    "not_asked": "l'émetteur a demandé que le document n'y aille pas",
    "partial": "compte rendu partiel",
    "no_recipient": "aucun destinataire connu",
    "identity": "identité INS non qualifiée",
    "opposition": "opposition du patient",
    "not_collected": "choix du patient non recueilli",
    "unreadable": "document devenu illisible",
}
_PAUSED = {
    "no_destination": "sa destination n'est plus dans routes.yaml",
    "fault": "défaut de Passeur : voir le journal",
}


@history.command("start")
def start(
    destination: Annotated[str, typer.Argument(help="Nom de la destination dans routes.yaml.")],
    routes: Routes = ROUTES,
    since: Annotated[str | None, typer.Option(metavar="AAAA-MM-JJ", help="Premier jour des actes, compris.")] = None,
    until: Annotated[str | None, typer.Option(metavar="AAAA-MM-JJ", help="Dernier jour des actes, compris.")] = None,
    sender: Annotated[
        list[str] | None, typer.Option(metavar="CODE", help="Structure ou code d'émetteur (plusieurs fois).")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="cr_bio, ou un document du catalogue (plusieurs fois)."),
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option(metavar="ÉTAT", help="final, corrected ou partial (plusieurs fois).")
    ] = None,
    per_minute: Annotated[int, typer.Option(help="Documents par minute au plus.")] = 60,
    queue: Annotated[int, typer.Option(help="N'ajoute rien tant que la voie a autant d'ordres à envoyer.")] = 10,
    window: Annotated[str | None, typer.Option(help="Heures d'envoi, par exemple 22:00-06:00.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Compte ce qui partirait ; rien ne part.")] = False,
    json_: Json = False,
) -> None:
    """Commence un rattrapage. Commencez par --dry-run, puis regardez « passeur history status »."""
    asked = {
        "destination": destination,
        "since": since,
        "until": until,
        "senders": sender or [],
        "types": kind or [],
        "statuses": status or [],
        "per_minute": per_minute,
        "queue": queue,
        "window": window,
        "dry_run": dry_run,
    }
    shell.show(ask(routes, lambda to: to.post("/history-runs", asked)), json_, _table)


@history.command("status")
def status(
    run_id: Annotated[str | None, typer.Argument(help="Numéro du rattrapage ; absent : tous.")] = None,
    routes: Routes = ROUTES,
    json_: Json = False,
) -> None:
    """Où en sont les rattrapages : regardés, à envoyer, mis en file, remis, écartés et pourquoi."""
    if run_id is not None:
        shell.show(ask(routes, lambda to: to.get(f"/history-runs/{run_id}")), json_, _table)
        return
    runs = ask(routes, lambda to: to.get("/history-runs"))
    if json_:
        typer.echo(json.dumps(runs, ensure_ascii=False, indent=2))
        return
    for run in runs:
        shell.out.print(_table(run))
    if not runs:
        shell.out.print("Aucun rattrapage.")


def _table(run: dict[str, Any]) -> Table:
    table = Table(title=f"Rattrapage {run['id']}", title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column()
    state = STATES[run["state"]] + (" (à blanc)" if run["dry_run"] else "")
    if run["reason"]:
        state += f" : {_PAUSED.get(run['reason'], run['reason'])}"
    rows = [
        ("Destination", escape(run["destination"])),
        ("État", state),
        ("Vitesse", f"{run['per_minute']} par minute au plus" + (f", de {run['window']}" if run["window"] else "")),
        ("Regardés", str(run["examined"])),
        ("Partiraient" if run["dry_run"] else "Encore à envoyer", str(run["eligible"])),
    ]
    if not run["dry_run"]:
        rows.append(("Mis en file", str(run["ordered"])))
        rows += [(f"Ordres : {told(name)}", str(n)) for name, n in sorted(run["orders"].items())]
    rows += [(f"Écartés : {REASONS.get(name, name)}", str(n)) for name, n in sorted(run["excluded"].items())]
    for label, text in rows:
        table.add_row(label, text)
    return table


def _action(action: RunAction, words: str) -> None:
    def command(run_id: str, routes: Routes = ROUTES, json_: Json = False) -> None:
        shell.show(ask(routes, lambda to: to.post(f"/history-runs/{run_id}/{action.value}")), json_, _table)

    history.command(action.value, help=words)(command)


_action(RunAction.PAUSE, "Suspend un rattrapage ; les ordres déjà faits partent.")
_action(RunAction.RESUME, "Reprend un rattrapage suspendu, là où il en était.")
_action(RunAction.CANCEL, "Met fin à un rattrapage ; les ordres déjà faits partent.")
