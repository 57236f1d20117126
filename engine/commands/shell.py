"""What every command shares: consoles, options, errors as one line, exit codes."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from engine import app
from engine.config.problems import Problem
from engine.errors import ConfigError, PasseurError
from engine.log import unexpected
from engine.route import Installation

_PLAIN_WIDTH = 140
T = TypeVar("T")

out = Console(width=None if sys.stdout.isatty() else _PLAIN_WIDTH)
err = Console(stderr=True)

ROUTES = Path("routes.yaml")
Routes = Annotated[Path, typer.Option("--routes", "-r", help="Fichier de configuration.", envvar="PASSEUR_ROUTES")]
Json = Annotated[bool, typer.Option("--json", help="Sortie JSON, pour un programme.")]
Home = Annotated[
    Path | None, typer.Option("--home", help="Dossier des packs (défaut : $PASSEUR_HOME, ~/.local/share/passeur).")
]


def installation(routes: Path) -> Installation:
    """The checked configuration; else every problem on stderr, and exit 1."""
    configured, problems = read(routes)
    for problem in problems:
        err.print(str(problem), markup=False, highlight=False, soft_wrap=True)
    if configured is None:
        raise typer.Exit(1)
    return configured


def read(routes: Path) -> tuple[Installation | None, tuple[Problem, ...]]:
    """The configuration and its problems; exit 1 when the file cannot be read at all."""
    try:
        return app.configured(routes)
    except FileNotFoundError:
        fail(f"{routes} : introuvable ; dites où il est par --routes FICHIER ou $PASSEUR_ROUTES")
    except OSError as error:
        fail(f"{routes} : illisible ({error.strerror})")
    except UnicodeDecodeError:
        fail(f"{routes} : ce fichier doit être enregistré en UTF-8")


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """Run to the end; an error of Passeur is one line on stderr. Any: what the work returns."""
    return guarded(lambda: asyncio.run(work()))


def guarded(work: Callable[[], Any]) -> Any:
    """Exit 1 where the operator must act, 2 for any other error of Passeur or a bug of ours, 130 on Ctrl-C."""
    try:
        return work()
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except ConfigError as error:
        fail(f"{error.message} [{error.code}]" + (f" : {error.where}" if error.where else ""))
    except PasseurError as error:
        fail(f"{error.message} [{error.code}]", code=2)
    except typer.Exit:
        raise
    except Exception as error:  # our bug: its text could quote a message
        unexpected("command.failed", error)
        fail(f"défaut de Passeur ({type(error).__name__}) : signalez-le avec la ligne ci-dessus", code=2)


def written(work: Callable[[], T]) -> T:
    """Exit 1 when the disk does not take what is written."""
    try:
        return work()
    except OSError as error:
        fail(f"{error.filename} : écriture impossible ({error.strerror})")


def fail(words: str, code: int = 1) -> NoReturn:
    err.print(f"passeur : {words}", style="red", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


def show(rows: Any, as_json: bool, table: Callable[[Any], Any]) -> None:
    """A table for a person, JSON for a program."""
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        out.print(table(rows))
