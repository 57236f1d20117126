"""What a laboratory chose about findings decides what becomes of its documents, within what it may choose."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest

from engine.exchange import Attachment, InboundMessage
from engine.findings import Disposition
from engine.records import DocumentRow, DocumentState, MessageState
from tests.routes.installation import sample
from tests.unit.engine.conversion_bench import Conversions, conversions, converting, installation


def with_policy(*choices: str) -> Callable[[str], str]:
    chosen = f"    policy: {{{', '.join(choices)}}}\n"
    return lambda text: text.replace("    tables:  ", f"{chosen}    tables:  ")


def own_pdf(script: str = "") -> bytes:
    """A PDF that is not PDF/A-1."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    if script:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=script)
    written = io.BytesIO()
    pdf.save(written)
    return written.getvalue()


async def document(one: Conversions, content: bytes, pdf: bytes | None = None) -> DocumentRow:
    beside = () if pdf is None else (Attachment("message.pdf", pdf),)
    message = InboundMessage(content, "api", "message.hpr", datetime.now(UTC), attachments=beside)
    accepted = await one.store.receive(message)
    one.pipeline.arrived.set()
    await one.settled(accepted)
    (row,) = await one.documents(accepted)
    return row


@pytest.mark.parametrize(
    ("choices", "script", "state"),
    [
        ((), "", DocumentState.HELD),
        (("pdf.not_pdfa: publish",), "", DocumentState.READY),
        (("pdf.not_pdfa: refuse",), "", DocumentState.REFUSED),
        (("pdf.not_pdfa: publish",), "app.alert(1)", DocumentState.REFUSED),
    ],
)
async def test_the_pdf_of_a_laboratory_leaves_as_it_chose(
    tmp_path: Path, choices: tuple[str, ...], script: str, state: DocumentState
) -> None:
    change = with_policy(*choices) if choices else lambda text: text
    async with conversions(installation(tmp_path, change), tmp_path) as one, converting(one):
        row = await document(one, sample(1), own_pdf(script))
    assert row.state is state, row.findings
    assert bool(row.orders) is (state is DocumentState.READY)
    (told,) = [finding for finding in row.findings if finding.code == "pdf.not_pdfa"]
    expected = choices[0].partition(": ")[2] if choices else "hold"
    assert told.disposition is Disposition(expected)


async def test_a_laboratory_may_have_a_correction_that_carries_results_over_held(tmp_path: Path) -> None:
    change = with_policy("merge.carried_over: hold")
    async with conversions(installation(tmp_path, change), tmp_path) as one, converting(one):
        assert (await document(one, sample(1))).state is DocumentState.READY
        corrected = await document(one, sample(4))
    assert corrected.state is DocumentState.HELD
    assert [one.code for one in corrected.findings if one.disposition is Disposition.HOLD] == ["merge.carried_over"]


async def test_no_choice_lets_a_report_of_another_patient_leave(tmp_path: Path) -> None:
    async with conversions(installation(tmp_path), tmp_path) as one:
        (laboratory,) = one.installation.laboratories
        laboratory.policy["identity.differs_from_previous_version"] = "publish"  # type: ignore[index]
        async with converting(one):
            await document(one, sample(1))
            swapped = sample(1).replace(b"IPP0001", b"IPP0003").replace(b"FICTIVE", b"FICTIF")
            accepted = await one.send(swapped)
            assert (await one.settled(accepted)).state is MessageState.HELD
