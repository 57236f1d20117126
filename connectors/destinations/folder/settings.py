"""What routes.yaml says of a folder that documents are put in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from engine.declarations import Settings


class FolderSettings(Settings):
    """A directory that exists: it is never made, so that a share that is not mounted is noticed."""

    directory: Path
    names: Literal["number", "patient"] = "number"
    """`number`: files are called by the number of the document. `patient`: by the name that ECO.2.1.6 gives a readable
    copy, which holds the date, the patient's names and the title, and may show up in logs of others."""
    group_readable: bool = True
    """Whether the other accounts of the engine's group may read the files."""
    application: Annotated[str, Field(pattern=r"^[^|~\\\x00-\x1f\x7f]+$", max_length=227)] = "PASSEUR"
    """MSH-3 of an acknowledgement whose sender did not name us."""
    facility: Annotated[str, Field(pattern=r"^[^|~\\\x00-\x1f\x7f]+$", max_length=227)] = "PASSEUR"
    """MSH-4, likewise."""
    charset: Literal["UNICODE UTF-8", "8859/15"] = "UNICODE UTF-8"
    """Of the acknowledgements; documents are never changed."""
    dmp_error_system: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]+$")] = "DMP_ERROR_CODE"
    """Name of the table of the DMP's codes in an acknowledgement; some software expects DMPERRORCODE."""
