"""TLS, with and without certificates of the senders."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography.hazmat.primitives import serialization

from connectors.sources.mllp import MllpSettings, MllpSource
from connectors.sources.mllp import source as mllp_source
from engine.errors import ConfigError
from tests.unit.connectors.mllp.peer import SECONDS, Keeper, framed, free_port, oru, sender, serving, told

Files = dict[str, Any]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(tmp_path: Path, authority: trustme.CA) -> Files:
    return issued_files(tmp_path, authority)


@pytest.fixture
def mutual(files: Files, tmp_path: Path, authority: trustme.CA) -> Files:
    """The same, for senders that must show a certificate."""
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    return {**files, "ca_bundle": bundle, "require_client_certificate": True}


def issued_files(folder: Path, authority: trustme.CA) -> Files:
    """Certificate and key of the source."""
    issued = authority.issue_cert("localhost")
    certificate, key = folder / "server.crt.pem", folder / "server.key.pem"
    for rank, blob in enumerate(issued.cert_chain_pems):
        blob.write_to_path(certificate, append=rank > 0)
    issued.private_key_pem.write_to_path(key)
    return {"certificate": certificate, "key": key}


def client(authority: trustme.CA, issuer: trustme.CA | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    if issuer is not None:
        issuer.issue_cert("labo@example.org").configure_cert(context)
    return context


async def test_messages_pass_over_tls(keeper: Keeper, files: Files, authority: trustme.CA) -> None:
    names = [f"M{number}" for number in range(20)]
    async with serving(keeper.accept, **files) as source, sender(source, client(authority)) as laboratory:
        await laboratory.write(b"".join(framed(oru(name, 5_000)) for name in names))
        assert [told(await laboratory.answer()) for _ in names] == [("AA", name) for name in names]
        assert await laboratory.exchange(oru("large", 5_000_000)) == ("AA", "large")
    assert await keeper.kept() == [*names, "large"]


async def test_a_sender_with_a_certificate_is_taken(keeper: Keeper, mutual: Files, authority: trustme.CA) -> None:
    async with serving(keeper.accept, **mutual) as source, sender(source, client(authority, authority)) as laboratory:
        assert await laboratory.exchange(oru("M1")) == ("AA", "M1")


@pytest.mark.parametrize("stranger", [None, trustme.CA()], ids=["no certificate", "another authority"])
async def test_a_sender_without_a_certificate_of_ours_is_refused(
    keeper: Keeper,
    mutual: Files,
    authority: trustme.CA,
    stranger: trustme.CA | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with serving(keeper.accept, **mutual) as source:
        with pytest.raises((OSError, asyncio.IncompleteReadError)):
            async with sender(source, client(authority, stranger)) as laboratory:
                await laboratory.exchange(oru("M1"))
        async with sender(source, client(authority, authority)) as laboratory:
            assert await laboratory.exchange(oru("M2")) == ("AA", "M2")
    assert await keeper.kept() == ["M2"]
    assert "mllp.tls_refused" in "".join(capsys.readouterr())


async def test_cleartext_is_refused_where_tls_is_asked(keeper: Keeper, files: Files) -> None:
    async with serving(keeper.accept, **files) as source, sender(source) as laboratory:
        await laboratory.send(oru("M1"))
        assert b"MSA" not in await laboratory.rest()
    assert await keeper.kept() == []


async def test_old_tls_is_refused(keeper: Keeper, files: Files, authority: trustme.CA) -> None:
    old = client(authority)
    with pytest.warns(DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    async with serving(keeper.accept, **files) as source:
        with pytest.raises(OSError):
            async with sender(source, old) as laboratory:
                await laboratory.exchange(oru("M1"))


async def test_a_slow_sender_is_left_over_tls_too(keeper: Keeper, files: Files, authority: trustme.CA) -> None:
    settings = {**files, "frame_timeout_seconds": 0.3}
    async with serving(keeper.accept, **settings) as source, sender(source, client(authority)) as slow:
        await slow.write(b"\x0b" + oru("M1"))
        assert told(await slow.answer()) == ("AR", "M1")
        assert await slow.rest() == b""


async def test_what_was_read_is_answered_at_the_end_over_tls(
    keeper: Keeper, files: Files, authority: trustme.CA
) -> None:
    source = MllpSource("labo", MllpSettings(port=free_port(), **files))
    reached, may_end = asyncio.Event(), asyncio.Event()

    async def accept(message: Any) -> Any:
        reached.set()
        await may_end.wait()
        return await keeper.accept(message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mllp_source, "_HANDSHAKE_SECONDS", 3600)
        patch.setattr(mllp_source, "_STOP_SECONDS", 3600)
        await _end(source, accept, reached, may_end, authority)


async def _end(
    source: MllpSource, accept: Any, reached: asyncio.Event, may_end: asyncio.Event, authority: trustme.CA
) -> None:
    task = asyncio.create_task(source.serve(accept))
    await source.listening.wait()
    async with sender(source, client(authority)) as laboratory, sender(source) as never_greeting:
        await laboratory.write(framed(oru("M1")) + framed(oru("M2")))
        await reached.wait()
        task.cancel()
        may_end.set()
        assert told(await laboratory.answer()) == ("AA", "M1")
        assert told(await laboratory.answer()) == ("AA", "M2")
        await asyncio.wait({task}, timeout=SECONDS)
        assert task.done()
        assert await never_greeting.rest() == b""
    assert source.connections == 0


async def test_connections_that_never_greet_count_and_are_bounded(
    keeper: Keeper, files: Files, authority: trustme.CA
) -> None:
    async with serving(keeper.accept, max_connections=1, **files) as source, sender(source) as silent:
        await asyncio.sleep(0.05)
        with pytest.raises(OSError):
            async with sender(source, client(authority)):
                pass
        silent.writer.close()
        async with asyncio.timeout(20):
            while source.connections:
                await asyncio.sleep(0.01)
        async with sender(source, client(authority)) as laboratory:
            assert await laboratory.exchange(oru("M1")) == ("AA", "M1")


@pytest.mark.parametrize(
    ("spoilt", "code"),
    [
        ("certificate", "mllp.certificate_unreadable"),
        ("key", "mllp.certificate_unreadable"),
        ("ca_bundle", "mllp.authorities"),
    ],
)
@pytest.mark.parametrize("content", [None, b"nothing of the kind"])
async def test_files_that_cannot_be_used_are_told(
    mutual: Files, spoilt: str, code: str, content: bytes | None, keeper: Keeper
) -> None:
    mutual[spoilt].unlink() if content is None else mutual[spoilt].write_bytes(content)
    source = MllpSource("labo", MllpSettings(port=free_port(), **mutual))
    for attempt in (source.check(), source.serve(keeper.accept)):
        with pytest.raises(ConfigError) as refused:
            await attempt
        assert refused.value.code == code


async def test_a_key_that_wants_a_password_is_told_and_never_asked_for(files: Files) -> None:
    key = serialization.load_pem_private_key(files["key"].read_bytes(), None)
    files["key"].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"secret"),
        )
    )
    with pytest.raises(ConfigError):
        await MllpSource("labo", MllpSettings(port=free_port(), **files)).check()
    await MllpSource("labo", MllpSettings(port=free_port(), password="secret", **files)).check()


async def test_a_certificate_out_of_its_dates_is_told(tmp_path: Path, authority: trustme.CA) -> None:
    issued = authority.issue_cert("localhost", not_after=datetime(2020, 1, 2, tzinfo=UTC))
    issued.cert_chain_pems[0].write_to_path(tmp_path / "c.pem")
    issued.private_key_pem.write_to_path(tmp_path / "k.pem")
    settings = MllpSettings(port=free_port(), certificate=tmp_path / "c.pem", key=tmp_path / "k.pem")
    with pytest.raises(ConfigError) as refused:
        await MllpSource("labo", settings).check()
    assert refused.value.code == "mllp.certificate_expired"
    assert "02/01/2020" in refused.value.message
