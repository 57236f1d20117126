"""`passeur messages show` on a HL7v2 message: what a person reads, what a program reads, the bytes themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from engine.exchange import InboundMessage
from engine.store.sqlite import SqliteStore
from tests.routes.installation import sample
from tests.unit.commands.shell import passeur
from tests.unit.engine.conversion_bench import installation
from tests.unit.formats.hl7v2.messages import sample as hl7v2


async def _kept(folder: Path, content: bytes) -> str:
    """A message in the store of an installation that does not run."""
    store = SqliteStore(installation(folder).store)
    await store.open()
    try:
        message = InboundMessage(content, "api", "message", datetime.now(UTC))
        return (await store.receive(message)).message_id
    finally:
        await store.close()


async def test_a_message_is_shown_as_a_person_reads_it(tmp_path: Path) -> None:
    message = await _kept(tmp_path, hl7v2("mdm_envoi"))
    said = passeur(tmp_path, "messages", "show", message)
    assert said.code == 0, said.err
    for words in ("PID[1]  Patient", "Type de message", "15/01/1980", "document XML, 404 octets"):
        assert words in said.out
    assert "\x1b" not in said.out
    assert "CAMILLE" not in said.err


async def test_its_data_come_as_json_and_its_bytes_as_they_were(tmp_path: Path) -> None:
    content = hl7v2("mdm_envoi")
    message = await _kept(tmp_path, content)
    detail = passeur(tmp_path, "messages", "show", message, "--json").json
    assert detail["message"]["id"] == message
    assert [one["path"] for one in detail["content"]["segments"]][:3] == ["MSH[1]", "EVN[1]", "PID[1]"]
    said = passeur(tmp_path, "messages", "show", message, "--raw")
    assert said.out.encode() == content


async def test_another_syntax_is_shown_as_before(tmp_path: Path) -> None:
    message = await _kept(tmp_path, sample(1))
    said = passeur(tmp_path, "messages", "show", message)
    assert (said.code, message in said.out) == (0, True), said.err
    assert passeur(tmp_path, "messages", "show", message, "--json").json["content"] is None
