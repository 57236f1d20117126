"""`passeur messages | orders | lanes`: what the engine holds, and what a person may do about it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from engine import client, views
from engine.commands import shell, show
from engine.commands.shell import ROUTES, Json, Routes
from engine.ports import OrderAction
from engine.validation import pack as packs

messages = typer.Typer(help="Messages reçus : liste, détail, nouvelle conversion.", invoke_without_command=True)
orders = typer.Typer(help="Ordres d'envoi : liste, retenir, libérer, annuler, renvoyer.", invoke_without_command=True)
lanes = typer.Typer(help="Voies (une par destination) : état, réouverture.", invoke_without_command=True)

Limit = Annotated[int, typer.Option(min=1, max=1000, help="Nombre de lignes au plus.")]
MessageStateOption = Annotated[
    str | None, typer.Option("--state", help="received, converted, held, refused, ignored ou postponed.")
]
OrderStateOption = Annotated[
    str | None, typer.Option("--state", help="deferred, ready, waiting, uncertain, rejected, delivered…")
]
DestinationOption = Annotated[str | None, typer.Option(help="Nom de la destination dans routes.yaml.")]
Raw = Annotated[bool, typer.Option("--raw", help="Le message tel que reçu, octet pour octet.")]


@messages.callback()
def messages_list(
    context: typer.Context,
    routes: Routes = ROUTES,
    state: MessageStateOption = None,
    limit: Limit = 50,
    json_: Json = False,
) -> None:
    """Messages reçus, le plus récent d'abord."""
    if not inherited(context, routes):
        shell.show(
            ask(routes, lambda asked: asked.get("/messages", state=state, limit=limit)), json_, views.messages_table
        )


@messages.command("show")
def messages_show(message_id: str, routes: Routes = ROUTES, json_: Json = False, raw: Raw = False) -> None:
    """Un message : ses constats, ses documents, leurs envois, son histoire, et son contenu tel qu'on le lit (HL7v2).

    Montre des données de patients : à ne pas recopier dans un journal.
    """
    detail, content = ask(routes, lambda asked: _message(asked, message_id))
    if raw:
        _write_raw(content)
        return
    found = show.read(content, detail)
    if json_:
        shown = None if found is None else show.data(found)
        typer.echo(json.dumps({**detail, "content": shown}, ensure_ascii=False, indent=2))
        return
    shell.out.print(views.messages_table([detail["message"]]))
    for title, findings in views.finding_groups(detail):
        shell.out.print(f"\n[bold]{title}[/bold]")
        shell.out.print(views.findings_table(findings))
    shell.out.print()
    shell.out.print(views.documents_table(detail["documents"]))
    shell.out.print()
    shell.out.print(views.events_table(detail["events"]))
    if found is not None:
        shell.out.print()
        shell.out.print(*show.rendered(found), sep="\n", highlight=False)


async def _message(asked: client.Client, message_id: str) -> tuple[dict[str, Any], bytes]:
    """What became of a message, and its content."""
    return await asked.get(f"/messages/{message_id}"), await asked.content(f"/messages/{message_id}/content")


def _write_raw(content: bytes) -> None:
    """The very bytes to a file or a program, signs made visible on a terminal."""
    if sys.stdout.isatty():
        shell.out.print(show.raw(content), markup=False, highlight=False, soft_wrap=True)
    else:
        sys.stdout.buffer.write(content)


@messages.command("replay")
def messages_replay(message_id: str, routes: Routes = ROUTES) -> None:
    """Convertit à nouveau un message gardé : table complétée, configuration corrigée, décision prise."""
    ask(routes, lambda asked: asked.post(f"/messages/{message_id}/replay"))
    shell.out.print("Le message sera converti à nouveau.")


@messages.command("release")
def messages_release(document_id: str, routes: Routes = ROUTES) -> None:
    """Libère un document retenu : il partira vers ses destinations."""
    ask(routes, lambda asked: asked.post(f"/documents/{document_id}/release"))
    shell.out.print("Le document est libéré.")


@orders.callback()
def orders_list(
    context: typer.Context,
    routes: Routes = ROUTES,
    state: OrderStateOption = None,
    destination: DestinationOption = None,
    limit: Limit = 50,
    json_: Json = False,
) -> None:
    """Ordres d'envoi : un document, une destination, un destinataire."""
    if not inherited(context, routes):
        rows = ask(routes, lambda asked: asked.get("/orders", state=state, destination=destination, limit=limit))
        shell.show(rows, json_, views.orders_table)


@orders.command("show")
def orders_show(order_id: str, routes: Routes = ROUTES, json_: Json = False) -> None:
    """Un ordre : son état, sa cause, les derniers mots du pair, son histoire."""
    detail = ask(routes, lambda asked: asked.get(f"/orders/{order_id}"))
    if json_:
        typer.echo(json.dumps(detail, ensure_ascii=False, indent=2))
        return
    order = detail["order"]
    shell.out.print(views.orders_table([order]))
    for title, words in (
        ("Destinataire", order["recipient"]),
        ("Référence", order["reference"]),
        ("Le pair dit", order["detail"]),
    ):
        if words:
            shell.out.print(f"{title} : {words}", markup=False, highlight=False, soft_wrap=True)
    shell.out.print()
    shell.out.print(views.events_table(detail["events"]))


def _order_command(action: OrderAction, words: str) -> None:
    def command(order_id: str, routes: Routes = ROUTES) -> None:
        detail = ask(routes, lambda asked: asked.post(f"/orders/{order_id}/{action.value}"))
        shell.out.print(views.orders_table([detail["order"]]))

    orders.command(action.value.replace("_", "-"), help=words)(command)


_order_command(OrderAction.HOLD, "Retient un ordre tant qu'il n'est pas en cours d'envoi.")
_order_command(OrderAction.RELEASE, "Libère un ordre retenu.")
_order_command(OrderAction.CANCEL, "Annule un ordre tant qu'il n'est pas en cours d'envoi.")
_order_command(OrderAction.SEND_NOW, "Envoie sans attendre la fin du différé ni le prochain essai.")
_order_command(
    OrderAction.RESEND, "Renvoie un ordre rejeté ou incertain, la cause levée : mêmes numéros, mêmes octets."
)
_order_command(
    OrderAction.CONFIRM, "Confirme qu'un ordre incertain est bien arrivé : les versions suivantes peuvent partir."
)


@lanes.callback()
def lanes_list(context: typer.Context, routes: Routes = ROUTES, json_: Json = False) -> None:
    """État de chaque destination."""
    if not inherited(context, routes):
        shell.show(ask(routes, lambda asked: asked.get("/lanes")), json_, views.lanes_table)


@lanes.command("start")
def lanes_start(destination: str, routes: Routes = ROUTES) -> None:
    """Rouvre une voie arrêtée, une fois la cause levée ; ses ordres repartent."""
    shell.out.print(views.lanes_table(ask(routes, lambda asked: asked.post(f"/lanes/{destination}/start"))))


def inherited(context: typer.Context, routes: Path) -> bool:
    """True when a sub-command was asked for; it then works on the same installation, unless it is told another."""
    if context.invoked_subcommand is None:
        return False
    context.default_map = {context.invoked_subcommand: {"routes": str(routes)}}
    return True


def ask(routes: Path, question: Callable[[client.Client], Coroutine[Any, Any, Any]]) -> Any:
    """Any: JSON, shown as it is."""
    installation = shell.installation(routes)

    async def asked() -> Any:
        async with client.client(installation, packs.default_home()) as open_client:
            return await question(open_client)

    return shell.run(asked)
