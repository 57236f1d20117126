"""Errors, by who must act: the operator, the sender, time, a person. Anything else is our bug.

Every error has a stable `code` (`area.reason`), a place and one clause without patient data.
"""

from __future__ import annotations

from typing import Any

from engine.findings import Finding


class PasseurError(Exception):
    """Root of the errors Passeur raises on purpose."""

    def __init__(self, code: str, message: str, *, where: str = "") -> None:
        super().__init__(f"{code}: {message}" + (f" ({where})" if where else ""))
        self.code = code
        self.message = message
        self.where = where

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors come back whole from another process, whatever their own arguments are."""
        return _restored, (type(self), self.args, dict(self.__dict__))


class ConfigError(PasseurError):
    """The operator must act: routes.yaml, a certificate, a missing pack."""


class DocumentError(PasseurError):
    """The sender must act: the message cannot be read, mapped or validated. Carries every finding, not the first."""

    def __init__(self, code: str, message: str, *, where: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(code, message, where=where)
        self.findings = findings


class TransientError(PasseurError):
    """Time will mend it: nothing was taken by the peer, the same order may be sent again.

    `link` is False when the peer answered and only this order must wait (a full mailbox): it says nothing of the link.
    """

    def __init__(
        self, code: str, message: str, *, where: str = "", retry_after_seconds: float | None = None, link: bool = True
    ) -> None:
        super().__init__(code, message, where=where)
        self.retry_after_seconds = retry_after_seconds
        self.link = link


class UncertainError(PasseurError):
    """No answer came after the document was sent: ask the peer (`find`) before sending again."""


class PermanentError(PasseurError):
    """The peer said no to this document; a person must act. The order becomes `rejected`."""


class LaneError(PasseurError):
    """The peer would say no to every document (certificate, account, configuration): the lane stops until a person
    has mended it; its orders wait."""


class ParkedError(PasseurError):
    """This order must wait for something that is not time: `cause` is identity, consent, credential, no_dmp…"""

    def __init__(self, code: str, message: str, *, cause: str, where: str = "") -> None:
        super().__init__(code, message, where=where)
        self.cause = cause


def _restored(cls: type[PasseurError], args: tuple[Any, ...], attributes: dict[str, Any]) -> PasseurError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(attributes)
    return error
