"""routes.yaml as plain values, with the line and column of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from engine.config.problems import Problem

Place = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Positioned:
    """`data` as plain dicts, lists and scalars; `at` gives where a place of it stands in the file."""

    file: str
    data: Any
    """Any: it is checked by pydantic right after."""
    marks: dict[Place, tuple[int, int]]

    def at(self, place: Place) -> tuple[int, int]:
        """(line, column), from 1, of a place or of the nearest place above it that exists."""
        while place and place not in self.marks:
            place = place[:-1]
        return self.marks.get(place, (1, 1))

    def problem(self, place: Place, message: str, suggestion: str = "") -> Problem:
        line, column = self.at(place)
        return Problem(self.file, line, column, message, suggestion)


def read(text: str, file: str) -> tuple[Positioned, tuple[Problem, ...]]:
    """Read YAML 1.2; a syntax error is the only problem that hides the others."""
    yaml = YAML(typ="rt")
    try:
        root = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        words = "clé en double" if "duplicate key" in str(error) else "syntaxe YAML incorrecte"
        problem = Problem(file, line, column, words, (error.problem or "").splitlines()[0] if error.problem else "")
        return Positioned(file, {}, {}), (problem,)
    marks: dict[Place, tuple[int, int]] = {(): (1, 1)}
    data = _plain(root, (), marks)
    return Positioned(file, {} if data is None else data, marks), ()


def _plain(node: Any, place: Place, marks: dict[Place, tuple[int, int]]) -> Any:
    if isinstance(node, CommentedMap):
        for key in node:
            line, column = node.lc.key(key)
            marks[(*place, str(key))] = (line + 1, column + 1)
        return {str(key): _plain(value, (*place, str(key)), marks) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            line, column = node.lc.item(index)
            marks[(*place, index)] = (line + 1, column + 1)
        return [_plain(value, (*place, index), marks) for index, value in enumerate(node)]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node
