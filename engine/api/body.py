"""The body of a call, taken as it comes: a message, a document."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from engine.api.problems import RefusedCall


async def body(request: Request, limit: int) -> bytes:
    """The body, refused as soon as it is said or seen to be larger than the limit."""
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large(limit)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise too_large(limit)
        parts.append(part)
    return b"".join(parts)


def body_of(media_type: str) -> dict[str, Any]:
    """What the OpenAPI document says of such a body."""
    content = {media_type: {"schema": {"type": "string", "format": "binary"}}}
    return {"requestBody": {"required": True, "content": content}}


def too_large(limit: int) -> RefusedCall:
    return RefusedCall(413, "api.too_large", f"corps trop volumineux : {limit} octets au plus")
