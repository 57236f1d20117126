"""What routes.yaml says of a folder source."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from engine.declarations import Settings


class FolderSettings(Settings):
    """A directory of files, one message each."""

    directory: Path
    """Where files are dropped."""
    patterns: tuple[Annotated[str, Field(pattern=r"^[^/\\]+$")], ...] = ("*.hpr", "*.hpm", "*.hprim", "*.txt")
    """Names that are messages, whatever their case."""
    witness: bool = False
    """True when the sender writes an empty `name.ok` once `name.hpr` is whole; without it a file is then left alone."""
    stable_seconds: Annotated[float, Field(gt=0, le=3600)] = 1.0
    """How long a file without a witness must stay unchanged: more than the longest pause of whoever writes it."""
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 1.0
    answers_directory: Path | None = None
    """Where refusals are written for the sender (HPRIM ERR files); none are written without it."""
    max_file_bytes: Annotated[int, Field(gt=0)] = 100_000_000
    """Of a message and its PDF together; larger ones are set aside in `refused/`."""

    @model_validator(mode="after")
    def _answers_apart(self) -> Self:
        if self.answers_directory is not None and self.answers_directory.absolute() == self.directory.absolute():
            raise ValueError("« answers_directory » doit être un autre dossier que « directory » : il y serait relu")
        return self
