"""The words of the command line that are not ours, in French: titles, placeholders, the help of `--help`."""

from __future__ import annotations

from collections.abc import Callable

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup, TyperOption

from engine.config.problems import nearest

_HELP = "Affiche cette aide."
_COMMAND = "COMMANDE [ARGUMENTS]..."
_TYPES = {"bool": "", "Path": "CHEMIN", "str": "TEXTE", "int": "NOMBRE", "float": "NOMBRE"}
_COMPLETION = {
    "install_completion": "Installe la complétion dans l'interpréteur de commandes.",
    "show_completion": "Affiche la complétion, pour la copier ou l'adapter.",
}
_TITLES = {
    "DEPRECATED_STRING": "(abandonné) ",
    "DEFAULT_STRING": "[défaut : {}]",
    "ENVVAR_STRING": "[variable : {}]",
    "REQUIRED_LONG_STRING": "[obligatoire]",
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commandes",
    "ERRORS_PANEL_TITLE": "Erreur",
    "ABORTED_TEXT": "Abandon.",
    "RICH_HELP": "Aide : [blue]{command_path} {help_option}[/]",
}


class _Command(TyperCommand):
    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        return _parsed(super().parse_args, ctx, args)

    def get_help_option(self, ctx: typer.Context) -> TyperOption | None:  # type: ignore[override]
        return _translated(self, super().get_help_option(ctx))


class _Group(TyperGroup):
    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        return _parsed(super().parse_args, ctx, args)

    def get_help_option(self, ctx: typer.Context) -> TyperOption | None:  # type: ignore[override]
        return _translated(self, super().get_help_option(ctx))

    def resolve_command(self, ctx: typer.Context, args: list[str]):  # type: ignore[no-untyped-def,override]
        """An unknown command, in our words; the rest as usual."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"commande inconnue « {args[0]} » : {nearest(args[0], self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def speak_french(application: typer.Typer) -> None:
    """Have an application and all below it say typer's own words in French."""
    for name, words in _TITLES.items():
        setattr(rich_utils, name, words)
    _below(application)


def _below(application: typer.Typer) -> None:
    application.info.cls, application.info.subcommand_metavar = _Group, _COMMAND
    for command in application.registered_commands:
        command.cls = _Command
    for group in application.registered_groups:
        group.cls, group.subcommand_metavar = _Group, _COMMAND
        if group.typer_instance is not None:
            _below(group.typer_instance)


def _parsed(parse: Callable[[typer.Context, list[str]], list[str]], ctx: typer.Context, args: list[str]) -> list[str]:
    """What is missing or wrong, in our words; why a value is wrong stays in typer's."""
    try:
        return parse(ctx, args)
    except typer.BadParameter as error:
        named = error.param.get_error_hint() if error.param is not None else ""
        ctx.fail(f"valeur non permise pour {named} : {error.message}" if error.message else f"il manque {named}")


def _translated(command: TyperCommand | TyperGroup, option: TyperOption | None) -> TyperOption | None:
    """The words of its options are mended with those of `--help`, which every help asks for."""
    for one in (*command.params, *([option] if option is not None else [])):
        if isinstance(one, TyperOption):
            one.metavar = _TYPES.get(one.bare_type()) if one.metavar is None else one.metavar
            one.help = _COMPLETION.get(one.name or "", one.help)
        else:
            vars(one)["display_type_rich"] = _unsaid  # the name of an argument says what it is
    if option is not None:
        option.help = _HELP
    return option


def _unsaid(ctx: typer.Context) -> None:
    """No type beside it."""
