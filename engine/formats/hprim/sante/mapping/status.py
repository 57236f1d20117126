"""9.26 and 10.12 → what the laboratory says of the whole, and what may be published of it."""

from __future__ import annotations

from engine.formats.hprim.sante.mapping.entries import Request
from engine.formats.hprim.sante.mapping.scope import Scope
from engine.formats.hprim.sante.view.request import CANCELLED, PENDING, VALIDATED
from engine.formats.hprim.sante.view.result import CANCELLED as CANCELLED_RESULT
from engine.model.document import ReportStatus

_CORRECTING = frozenset({"C", "D"})


def report_status(found: tuple[Request, ...], scope: Scope) -> ReportStatus:
    """Cancelled when all is; corrected when a request or a result is; partial when something is still to come.

    Findings: not validated (held, unless the laboratory allows partial reports), unknown or missing status.
    """
    for request in found:
        _status_findings(request, scope)
    if all(_is_cancelled(request) for request in found):
        scope.remarks.add("hprim.cancelled", found[0].view.segment, 26)
        return ReportStatus.CANCELLED
    unvalidated = [request for request in found if request.view.status in PENDING or request.pending]
    if unvalidated:
        allowed = scope.laboratory.partial_reports == "publish"
        code = "hprim.partial_published" if allowed else "hprim.not_validated"
        scope.remarks.add(code, unvalidated[0].view.segment, 26)
    statuses = {entry.view.status for request in found for entry in request.published}
    if any(request.view.status == "C" for request in found) or statuses & _CORRECTING:
        return ReportStatus.CORRECTED
    return ReportStatus.PARTIAL if any(is_partial(request) for request in found) else ReportStatus.FINAL


def act_status(request: Request) -> str:
    """F, C → completed; M, P, R, I, O → active; X, D → aborted (lab:statusCode of CR-BIO 2024.01)."""
    if _is_cancelled(request):
        return "aborted"
    return "active" if is_partial(request) else "completed"


def is_partial(request: Request) -> bool:
    return request.view.status in PENDING | {"M"} or bool(request.pending)


def has_something_validated(found: tuple[Request, ...]) -> bool:
    """True when at least one result, text or document is validated, cancelled or withdrawn."""
    return any(request.published for request in found)


def _is_cancelled(request: Request) -> bool:
    if request.view.status in CANCELLED:
        return True
    entries = request.published
    return bool(entries) and not request.pending and all(one.view.status in CANCELLED_RESULT for one in entries)


def _status_findings(request: Request, scope: Scope) -> None:
    """A missing 9.26 is read from the results; it holds unless every one of them says its own status."""
    status, segment = request.view.status, request.view.segment
    if status == "":
        explicit = all(one.view.status_sent for one in request.published + request.pending)
        code = "hprim.request_status_missing" if explicit else "hprim.request_status_unsure"
        scope.remarks.add(code, segment, 26)
    elif status not in VALIDATED | PENDING | CANCELLED:
        scope.remarks.add("hprim.status_unknown", segment, 26, status=status[:2])
    elif status in {"F", "C"} and not request.published and not request.pending:
        scope.remarks.add("hprim.final_request_without_result", segment)
