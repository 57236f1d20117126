"""A pack fetched from its publisher: https only, bounded, the archive whose hash was published."""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme
from typer.testing import CliRunner

from engine.commands.pack import pack as command
from engine.errors import ConfigError
from engine.validation.pack_download import check_hash, download, local_path
from tests.unit.validation.packs import small_pack, zipped


@dataclass
class Publisher:
    """An https server on the loopback; what it answers by path."""

    address: str
    trust: ssl.SSLContext
    files: dict[str, bytes] = field(default_factory=dict)
    redirections: dict[str, str] = field(default_factory=dict)
    cut_short: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def publisher(tmp_path: Path) -> Iterator[Publisher]:
    authority = trustme.CA()
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(served)

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            content = made.files.get(self.path)
            if self.path in made.redirections:
                self.send_response(302)
                self.send_header("Location", made.redirections[self.path])
                self.end_headers()
            elif content is None:
                self.send_error(404)
            else:
                self.send_response(200)
                self.send_header("Content-Length", str(len(content) * (2 if self.path in made.cut_short else 1)))
                self.end_headers()
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.socket = served.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    made = Publisher(f"https://localhost:{server.server_address[1]}", trust)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def _refused(publisher: Publisher, address: str, folder: Path, **options: int) -> str:
    with pytest.raises(ConfigError) as refusal:
        download(address, folder, context=publisher.trust, **options)  # type: ignore[arg-type]
    return refusal.value.code


def test_an_archive_is_fetched_and_its_progress_told(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/depot/pack-3.0.zip"] = content = bytes(3_000_000)
    told: list[tuple[int, int | None]] = []
    fetched = download(
        f"{publisher.address}/depot/pack-3.0.zip",
        tmp_path,
        context=publisher.trust,
        progress=lambda received, total: told.append((received, total)),
    )
    assert fetched == tmp_path / "pack-3.0.zip"
    assert fetched.read_bytes() == content
    assert told[-1] == (3_000_000, 3_000_000)
    assert len(told) > 1


def test_a_redirection_is_followed_within_https_only(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/ici.zip"] = b"PK"
    publisher.redirections = {
        "/bouge.zip": f"{publisher.address}/ici.zip",
        "/fuite.zip": publisher.address.replace("https", "http") + "/ici.zip",
        "/fichier.zip": "file:///etc/hostname",
    }
    fetched = download(f"{publisher.address}/bouge.zip", tmp_path, context=publisher.trust)
    assert fetched.read_bytes() == b"PK"
    assert _refused(publisher, f"{publisher.address}/fuite.zip", tmp_path) == "pack.address"
    assert _refused(publisher, f"{publisher.address}/fichier.zip", tmp_path) in ("pack.address", "pack.unreachable")


@pytest.mark.parametrize("address", ["http://localhost/pack.zip", "ftp://localhost/pack.zip", "data://x"])
def test_another_scheme_is_refused_without_a_call(publisher: Publisher, tmp_path: Path, address: str) -> None:
    assert _refused(publisher, address, tmp_path) == "pack.address"


def test_an_archive_beyond_the_limit_is_not_kept_reading(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/gros.zip"] = bytes(2_000_000)
    assert _refused(publisher, f"{publisher.address}/gros.zip", tmp_path, max_bytes=1_000_000) == "pack.too_large"
    assert (tmp_path / "gros.zip").stat().st_size == 0


def test_what_cannot_be_fetched_is_said_in_one_line(publisher: Publisher, tmp_path: Path) -> None:
    publisher.files["/coupe.zip"] = b"x" * 1000
    publisher.cut_short.add("/coupe.zip")
    assert _refused(publisher, f"{publisher.address}/absent.zip", tmp_path) == "pack.unreachable"
    assert _refused(publisher, f"{publisher.address}/coupe.zip", tmp_path) == "pack.unreachable"
    untrusting = Publisher(publisher.address, ssl.create_default_context())
    assert _refused(untrusting, f"{publisher.address}/coupe.zip", tmp_path) == "pack.unreachable"
    assert _refused(publisher, "https://localhost:1/pack.zip", tmp_path) == "pack.unreachable"


def test_a_secret_in_the_address_is_never_repeated(publisher: Publisher, tmp_path: Path) -> None:
    address = publisher.address.replace("https://", "https://moi:motdepasse@") + "/absent.zip?jeton=secret"
    with pytest.raises(ConfigError) as refusal:
        download(address, tmp_path, context=publisher.trust)
    assert "motdepasse" not in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_the_hash_of_the_archive_is_compared(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"contenu")
    check_hash(archive, hashlib.sha256(b"contenu").hexdigest().upper())
    with pytest.raises(ConfigError, match=r"pack\.hash"):
        check_hash(archive, "0" * 64)
    with pytest.raises(ConfigError, match=r"pack\.hash"):
        check_hash(tmp_path, "0" * 64)


def test_a_file_address_is_a_place_on_this_machine() -> None:
    assert local_path("file:///srv/mes%20packs/p.zip") == Path("/srv/mes packs/p.zip")
    assert local_path("packs/p.zip") == Path("packs/p.zip")
    assert local_path("https://exemple.fr/p.zip") is None
    with pytest.raises(ConfigError, match=r"pack\.address"):
        local_path("file://ailleurs/p.zip")


# -- the command ------------------------------------------------------------------------------------------------


def test_the_command_installs_from_an_address_and_speaks_json(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    archive = zipped(small_pack(tmp_path / "source"), tmp_path / "essai.zip")
    publisher.files["/essai.zip"] = archive.read_bytes()
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    home = ["--home", str(tmp_path / "home"), "--json"]
    address = f"{publisher.address}/essai.zip"

    wrong = CliRunner().invoke(command, ["install", address, "--sha256", "0" * 64, *home])
    assert wrong.exit_code == 1
    assert "pack.hash" in wrong.output
    assert not (tmp_path / "home").exists()

    done = CliRunner().invoke(command, ["install", address, "--sha256", digest, *home])
    assert done.exit_code == 0, done.output
    installed = json.loads(done.stdout)
    assert installed["version"].startswith("essai-")
    assert {problem["code"] for problem in installed["problems"]} >= {"pack.missing_include"}

    (listed,) = json.loads(CliRunner().invoke(command, ["list", *home]).stdout)
    assert listed == {key: installed[key] for key in ("version", "path", "hash")} | {"current": True}

    verified = CliRunner().invoke(command, ["verify", *home])
    assert (verified.exit_code, json.loads(verified.stdout)["intact"]) == (0, True)
    (Path(installed["path"]) / "intrus.sch").write_text("<x/>", encoding="utf-8")
    verified = CliRunner().invoke(command, ["verify", *home])
    assert verified.exit_code == 1
    assert [f["code"] for f in json.loads(verified.stdout)["findings"]] == ["pack.file_added"]


def test_the_command_says_in_one_line_what_is_not_there(tmp_path: Path) -> None:
    absent = CliRunner().invoke(command, ["install", str(tmp_path / "absent.zip"), "--home", str(tmp_path / "home")])
    assert absent.exit_code == 1
    assert "n’existe pas" in absent.output
