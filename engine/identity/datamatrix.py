"""Content of the INS datamatrix: its fields, and the text that a qualified identity writes in it.

A head of 26 signs (`IS`, version `01`, 22 zeros), then blocks: an identifier of two signs and a value. A value of
variable length is closed by GS (0x1D), unless it has its greatest length or comes last. ANS, « INS : format
datamatrix » v2.2, sections 3 and 5; as others quote it, not checked against the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.findings import Finding
from engine.identity.birth_place import cog_is_well_formed
from engine.identity.ins import nir_key_is_valid
from engine.identity.rules import finding
from engine.identity.traits import StrictTraits, ins_form
from engine.model.parties import INS_OIDS, Ins
from engine.model.values import Timestamp

GS = "\x1d"
MARKER = "IS"
VERSION = "01"
HEAD = MARKER + VERSION + "0" * 22


@dataclass(frozen=True, slots=True)
class InsField:
    """One kind of block."""

    id: str
    name: str
    """In French, for messages."""
    shortest: int
    longest: int
    form: re.Pattern[str]
    required: bool = True

    @property
    def fixed(self) -> bool:
        return self.shortest == self.longest


_NAME = re.compile(r"['A-Z]['A-Z -]*")
FIELDS = (
    InsField("S1", "matricule INS", 15, 15, re.compile(r"[0-9]{6}[0-9AB][0-9]{8}")),
    InsField("S2", "OID du matricule", 19, 20, re.compile(r"[0-9]+(?:\.[0-9]+)+")),
    InsField("S3", "liste des prénoms de naissance", 1, 100, _NAME),
    InsField("S4", "nom de naissance", 1, 100, _NAME),
    InsField("S5", "sexe", 1, 1, re.compile(r"[FM]")),
    InsField("S6", "date de naissance", 10, 10, re.compile(r"[0-9]{2}-[0-9]{2}-[0-9]{4}")),
    InsField("S7", "code du lieu de naissance", 5, 5, re.compile(r"[0-9][0-9AB][0-9]{3}"), required=False),
)


@dataclass(frozen=True, slots=True)
class InsDatamatrix:
    """The text to encode, or why there is none."""

    text: str | None
    findings: tuple[Finding, ...] = ()


def ins_datamatrix(ins: Ins | None, traits: StrictTraits) -> InsDatamatrix:
    """`IS01…` of a qualified identity, names in their INS form; all that prevents it otherwise.

    A name without an INS form, a date not to the day, an unknown sex give no datamatrix rather than a wrong one.
    Ségur wave 1, DOC.03, DOC.04, INS.56.
    """
    if ins is None or not ins.qualified:
        return InsDatamatrix(None, (finding("identity.datamatrix_not_qualified"),))
    values = _values(ins, traits)
    wrong = [field.name for field in FIELDS if not _fits(field, values[field.id])]
    if wrong:
        return InsDatamatrix(None, (finding("identity.datamatrix_trait", traits=", ".join(wrong)),))
    return InsDatamatrix(HEAD + written(tuple((key, value) for key, value in values.items() if value)))


def written(blocks: tuple[tuple[str, str], ...]) -> str:
    """Blocks in their order, a GS after each value that needs one."""
    fields = {field.id: field for field in FIELDS}
    text = []
    for rank, (key, value) in enumerate(blocks):
        last = rank == len(blocks) - 1
        text.append(key + value + ("" if last or len(value) == fields[key].longest else GS))
    return "".join(text)


def _values(ins: Ins, traits: StrictTraits) -> dict[str, str]:
    names = " ".join(traits.given_names) or traits.first_given_name or ""
    sound = nir_key_is_valid(ins.matricule) and ins.oid in INS_OIDS
    cog = traits.birth_cog or ""
    return {
        "S1": ins.matricule if sound else "",
        "S2": ins.oid if sound else "",
        "S3": ins_form(names) or "",
        "S4": ins_form(traits.birth_name or "") or "",
        "S5": traits.gender if traits.gender in {"F", "M"} else "",
        "S6": _day(traits.birth_date),
        "S7": cog if not cog or cog_is_well_formed(cog) else "?",
    }


def _fits(field: InsField, value: str) -> bool:
    if not value and not field.required:
        return True
    return field.shortest <= len(value) <= field.longest and field.form.fullmatch(value) is not None


def _day(born: Timestamp | None) -> str:
    if born is None or len(born.digits) < 8:
        return ""
    return f"{born.digits[6:8]}-{born.digits[4:6]}-{born.digits[:4]}"
