"""TIF, PDF and FIC results → the PDF that goes with the report. What cannot be carried holds the document."""

from __future__ import annotations

import base64
import binascii
import re

from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.result import ResultView

_REPORT = re.compile(r"CR[MLPA](FIC)?(TIF|PDF)\Z")
_SCAN = re.compile(r"(ORD|FDE|AUT)(FIC)?(TIF|PDF|JPG|PNG)\Z")


def is_attachment(view: ResultView) -> bool:
    """True when the result is a document: value type TIF, PDF or FIC, or a code of the image reports (2.4)."""
    code = view.test.code.upper()
    return view.type in {"TIF", "PDF", "FIC"} or bool(_REPORT.match(code)) or bool(_SCAN.match(code))


def attached_pdf(views: list[ResultView], scope: Scope) -> bytes | None:
    """The report's PDF; of several, the last one sent (a later file replaces the earlier ones of the request)."""
    found = [pdf for view in views for pdf in _documents(view, scope)]
    if len(set(found)) > 1:
        scope.remarks.add("hprim.several_pdf", views[-1].segment)
    return found[-1] if found else None


def _documents(view: ResultView, scope: Scope) -> list[bytes]:
    code = view.test.code.upper()
    if _SCAN.match(code):
        scope.remarks.add("hprim.prescription_scan", view.segment, code=code)
        return []
    is_file = view.type == "FIC" or "FIC" in code
    contents = _files(view, scope) if is_file else [_inline(view)]
    return [one for one in contents if one is not None and _is_pdf(one, view, scope)]


def _files(view: ResultView, scope: Scope) -> list[bytes | None]:
    """FIC: application ~ file name or address ~ format, repeated; the file comes beside the message."""
    found: list[bytes | None] = []
    for repetition in range(1, max(view.segment.repetitions(6), 1) + 1):
        name = view.segment.get(6, 2, repetition=repetition) or view.segment.get(6, 1, repetition=repetition)
        content = scope.attachments.get(base_name(name)) if name else None
        if content is None:
            scope.remarks.add("hprim.attachment_missing", view.segment, 6, code=view.code)
        found.append(content)
    return found


def base_name(path: str) -> str:
    """A file name as compared: without folder, in small letters."""
    return re.split(r"[\\/]", path.strip())[-1].casefold()


def _inline(view: ResultView) -> bytes:
    """Base64 inside 10.6; empty when it is not base64."""
    text = "" if view.value is None else re.sub(r"\s", "", view.value.text)
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_pdf(content: bytes, view: ResultView, scope: Scope) -> bool:
    if content[:1024].lstrip()[:4] == b"%PDF":
        return True
    tiff = content[:4] in {b"II*\x00", b"MM\x00*"} or view.type == "TIF" or "TIF" in view.test.code.upper()
    code = "hprim.attachment_not_carried" if tiff else "hprim.attachment_invalid"
    scope.remarks.add(code, view.segment, 6, code=view.code)
    return False
