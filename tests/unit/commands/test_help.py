"""Every command explains itself, in French, with what it takes and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from engine import __version__
from engine.cli import main
from tests.unit.commands.shell import environment, passeur

FRENCH = re.compile(r"[éèêàçù]|\b(le|la|les|un|une|des|du|de|et|ou|pour|sans|au|aux|qui|d'|l')\b", re.IGNORECASE)

ENGLISH = re.compile(
    r"\b(this|message and|install completion|current shell|commands?|args|default|env var|required|bool|str|int"
    r"|list\[|path>|error|missing|such|did you mean|try)\b",
    re.IGNORECASE,
)
"""Words of typer's own, none of them a command, an option or a state of ours."""


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command, by the words that call it."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


ALL = list(commands(typer.main.get_command(main)))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) or "passeur" for path, _ in ALL])
def test_every_command_explains_itself_in_french(path: tuple[str, ...], command: Any) -> None:
    assert command.help, "a sentence says what it does"
    assert FRENCH.search(command.help), command.help
    for option in command.params:
        told = getattr(option, "help", None)
        if option.param_type_name == "option" and option.name not in ("help", "install_completion", "show_completion"):
            assert told, f"{option.name} is not explained"
        if told and option.name not in ("install_completion", "show_completion", "help"):
            assert re.search(r"[a-zéèà]{2}", told)


def test_all_the_commands_are_there() -> None:
    names = {" ".join(path) for path, _ in ALL}
    assert names >= {
        "check",
        "run",
        "demo",
        "convert",
        "validate",
        "doctor",
        "messages show",
        "messages replay",
        "messages release",
        "orders show",
        "orders hold",
        "orders release",
        "orders cancel",
        "orders send-now",
        "orders resend",
        "lanes start",
        "pack install",
        "pack list",
        "pack use",
        "pack verify",
    }


def test_every_help_is_written(tmp_path: Path) -> None:
    said = subprocess.run(
        [sys.executable, "-c", _EVERY_HELP, json.dumps([path for path, _ in ALL])],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    helps = said.stdout.split("\f")[1:]
    assert len(helps) == len(ALL)
    for text, (_, command) in zip(helps, ALL, strict=True):
        assert "Usage" in text
        assert not ENGLISH.search(text), ENGLISH.search(text)
        assert " ".join(command.help.split())[:40] in " ".join(text.replace("│", " ").split())


_EVERY_HELP = """
import json, sys
from engine.cli import main
for path in json.loads(sys.argv[1]):
    print(end="\f")
    main([*path, "--help"], standalone_mode=False)
"""


def test_the_program_says_its_help_and_its_version(tmp_path: Path) -> None:
    alone = passeur(tmp_path)
    assert "convert" in alone.out + alone.err
    assert passeur(tmp_path, "--version").out.strip() == f"passeur {__version__}"
    wrong = passeur(tmp_path, "convertir")
    assert wrong.code == 2
    assert "« convertir » : vouliez-vous dire « convert »" in " ".join(wrong.err.split())
    assert not ENGLISH.search(wrong.err)


def test_what_is_missing_on_the_line_is_told_in_french(tmp_path: Path) -> None:
    missing = passeur(tmp_path, "convert")
    assert missing.code == 2
    assert "il manque 'files'" in missing.err
    assert not ENGLISH.search(missing.err)
    bad = passeur(tmp_path, "messages", "--limit", "0")
    assert bad.code == 2
    assert "valeur non permise pour '--limit'" in bad.err
