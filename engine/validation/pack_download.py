"""A pack's archive fetched from its publisher: https only, bounded, compared with its published hash."""

from __future__ import annotations

import contextlib
import hashlib
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from engine.errors import ConfigError

MAX_BYTES = 512 * 1024 * 1024
_CHUNK = 1024 * 1024
_TIMEOUT_SECONDS = 30

Progress = Callable[[int, int | None], None]
"""Told of the bytes received so far, and of their expected number when the publisher says it."""


def is_url(source: str) -> bool:
    """True for what names a place by its scheme: `https://…`, `file://…`."""
    return "://" in source


def local_path(source: str) -> Path | None:
    """The folder or archive named by a path or by a `file://` address of this machine; None for another address."""
    if not is_url(source):
        return Path(source)
    parts = urlsplit(source)
    if parts.scheme != "file":
        return None
    if parts.netloc not in ("", "localhost"):
        raise ConfigError("pack.address", "une adresse file:// désigne un fichier de cette machine", where=source)
    return Path(unquote(parts.path))


def download(
    address: str,
    folder: Path,
    *,
    progress: Progress = lambda received, total: None,
    max_bytes: int = MAX_BYTES,
    context: ssl.SSLContext | None = None,
) -> Path:
    """Fetch an archive into a folder, under the name it has there. Raises ConfigError."""
    parts = urlsplit(address)
    if parts.scheme != "https":
        raise ConfigError("pack.address", "seules les adresses https:// et file:// sont admises", where=_shown(address))
    target = folder / (Path(unquote(parts.path)).name or "pack.zip")
    with _reached(address, context) as answer, target.open("wb") as out:
        _copy(answer, out, address, max_bytes, progress)
    return target


def check_hash(archive: Path, sha256: str) -> None:
    """Raises ConfigError when the file is not the one whose SHA-256 was published."""
    if not archive.is_file():
        raise ConfigError("pack.hash", "une empreinte ne se compare qu’à une archive, pas à un dossier")
    with archive.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256.strip().lower():
        raise ConfigError(
            "pack.hash", f"l’archive n’a pas l’empreinte attendue (SHA-256 trouvé : {found})", where=archive.name
        )


@contextlib.contextmanager
def _reached(address: str, context: ssl.SSLContext | None) -> Iterator[HTTPResponse]:
    trusted = context or ssl.create_default_context()
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=trusted), _HttpsOnly)
    request = urllib.request.Request(address, headers={"User-Agent": "passeur"})  # noqa: S310 - https was checked
    try:
        with opener.open(request, timeout=_TIMEOUT_SECONDS) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        words = f"l’adresse du pack répond {error.code}"
        raise ConfigError("pack.unreachable", words, where=_shown(address)) from None
    except (urllib.error.URLError, HTTPException, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        words = f"l’adresse du pack n’a pas pu être lue ({type(reason).__name__})"
        raise ConfigError("pack.unreachable", words, where=_shown(address)) from None


def _copy(answer: HTTPResponse, out: IO[bytes], address: str, max_bytes: int, progress: Progress) -> None:
    said = answer.headers.get("Content-Length", "")
    total = int(said) if said.isdecimal() else None
    received = 0
    while chunk := answer.read(_CHUNK):
        received += len(chunk)
        if received > max_bytes or (total is not None and total > max_bytes):
            raise ConfigError("pack.too_large", "contenu démesuré pour un pack", where=_shown(address))
        out.write(chunk)
        progress(received, total)
    if total is not None and received < total:
        raise ConfigError("pack.unreachable", "le téléchargement a été interrompu", where=_shown(address))


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Follows a publisher's redirections, never out of https."""

    def redirect_request(  # type: ignore[no-untyped-def]
        self, req, fp, code, msg, headers, newurl: str
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            raise ConfigError("pack.address", "l’adresse du pack renvoie hors de https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _shown(address: str) -> str:
    """Without user, password nor query: they may hold a secret."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
