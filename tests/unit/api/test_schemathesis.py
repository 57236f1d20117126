"""Calls that the OpenAPI document allows, and calls it does not: never a bug, never an answer it does not tell of."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from tests.unit.api.api_bench import address, called

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


@pytest.mark.long
async def test_generated_calls_are_answered_as_the_document_says(tmp_path: Path) -> None:
    def small(text: str) -> str:
        return text.replace("  host: 127.0.0.1\n", "  host: 127.0.0.1\n  max_body_bytes: 200000\n")

    async with called(tmp_path, change=small) as api:
        url = f"{address(api.engine.installation)}/v1/openapi.json"
        process = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-m",
                "schemathesis.cli",
                "run",
                url,
                "--phases",
                "examples,fuzzing",
                "--max-examples",
                "25",
                "--no-color",
            ),
            *("--checks", ",".join(_CHECKS), "--continue-on-failure"),
            *("--exclude-path", "/v1/events"),  # it waits as long as it is asked to
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
