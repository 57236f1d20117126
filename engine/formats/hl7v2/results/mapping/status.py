"""ORC-1, ORC-5, OBR-25 and OBX-11 → what the laboratory says of the whole, and what may be published of it."""

from __future__ import annotations

from engine.formats.hl7v2.results.mapping.entries import Request
from engine.formats.hl7v2.results.mapping.scope import Scope
from engine.formats.hl7v2.results.view.request import (
    CANCELLED,
    CANCELLED_ORDER,
    CANCELLING,
    NOT_KNOWN,
    NOT_VERIFIED,
    PARTIAL_ORDER,
    REPLACING,
    UNDER_WAY,
    VALIDATED,
)
from engine.formats.hl7v2.results.view.result import CANCELLED as CANCELLED_RESULT
from engine.formats.hl7v2.results.view.result import WITHDRAWN
from engine.model.document import ReportStatus

_CORRECTING = frozenset({"C", *WITHDRAWN})
_KNOWN = VALIDATED | UNDER_WAY | NOT_VERIFIED | CANCELLED | NOT_KNOWN


def report_status(found: tuple[Request, ...], scope: Scope) -> ReportStatus:
    """Cancelled when all is; corrected when a request or a result is; partial when something is still to come.

    Findings: not validated (held, unless the laboratory allows partial reports), unknown, missing or contradictory.
    """
    for request in found:
        _status_findings(request, scope)
    if all(is_cancelled(request) for request in found):
        scope.remarks.add("hl7v2.cancelled", found[0].view.segment, "25")
        return ReportStatus.CANCELLED
    unvalidated = [request for request in found if is_partial(request)]
    if unvalidated:
        allowed = scope.laboratory.partial_reports == "publish"
        code = "hl7v2.partial_published" if allowed else "hl7v2.not_validated"
        scope.remarks.add(code, unvalidated[0].view.segment, "25")
    if any(_is_correction(request) for request in found):
        return ReportStatus.CORRECTED
    return ReportStatus.PARTIAL if unvalidated else ReportStatus.FINAL


def act_status(request: Request) -> str:
    """completed, active while something is to come, aborted (lab:statusCode of CR-BIO 2024.01)."""
    if is_cancelled(request):
        return "aborted"
    return "active" if is_partial(request) else "completed"


def is_partial(request: Request) -> bool:
    """Something of it is not final: the request says so, its order where the request says nothing, or a result."""
    view = request.view
    said = view.status in UNDER_WAY | NOT_VERIFIED or (not view.status and view.order_status in PARTIAL_ORDER)
    return (said or bool(request.pending)) and not is_cancelled(request)


def is_cancelled(request: Request) -> bool:
    view = request.view
    if view.status in CANCELLED or _order_is_cancelled(request):
        return not _says_a_result(request)
    entries = request.published
    return bool(entries) and not request.pending and all(one.view.status in CANCELLED_RESULT for one in entries)


def has_something_validated(found: tuple[Request, ...]) -> bool:
    """True when at least one result, text or document is validated, cancelled or withdrawn."""
    return any(request.published for request in found)


def is_over(found: tuple[Request, ...]) -> bool:
    """True when a request is said to be over, with or without results."""
    return any(one.view.status in VALIDATED | CANCELLED or _order_is_cancelled(one) for one in found)


def _is_correction(request: Request) -> bool:
    statuses = {entry.view.status for entry in request.published}
    return request.view.status == "C" or request.view.control in REPLACING or bool(statuses & _CORRECTING)


def _order_is_cancelled(request: Request) -> bool:
    return request.view.control in CANCELLING or request.view.order_status in CANCELLED_ORDER


def _says_a_result(request: Request) -> bool:
    return any(one.view.status not in CANCELLED_RESULT for one in request.published)


def _status_findings(request: Request, scope: Scope) -> None:
    """A missing OBR-25 is read from the results; it holds unless every one of them says its own status."""
    view, remarks = request.view, scope.remarks
    if view.status == "":
        explicit = all(one.view.status for one in request.published + request.pending)
        code = "hl7v2.request_status_missing" if explicit else "hl7v2.request_status_unsure"
        remarks.add(code, view.segment, "25")
    elif view.status in NOT_KNOWN:
        remarks.add("hl7v2.order_not_known", view.segment, "25")
    elif view.status in NOT_VERIFIED and request.published:
        remarks.add("hl7v2.request_not_verified", view.segment, "25")
    elif view.status not in _KNOWN:
        remarks.add("hl7v2.status_unknown", view.segment, "25", status=view.status[:2])
    elif view.status in VALIDATED and not request.published and not request.pending:
        remarks.add("hl7v2.final_request_without_result", view.segment)
    if view.status in VALIDATED and view.order_status in PARTIAL_ORDER and view.order is not None:
        remarks.add("hl7v2.order_status_differs", view.order, "5")
    cancelled = view.status in CANCELLED or _order_is_cancelled(request)
    if (cancelled and _says_a_result(request)) or (_order_is_cancelled(request) and view.status in VALIDATED):
        remarks.add("hl7v2.status_contradiction", view.segment, "25")
