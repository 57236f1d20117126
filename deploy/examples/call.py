"""Ask for a document with nothing but Python's standard library, then wait for the DMP to have it.

python call.py [REQUEST.json] [FILE.pdf]; PASSEUR_URL and PASSEUR_KEY say where, with which key. Exit 1 when refused.
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
URL = os.environ.get("PASSEUR_URL", "http://127.0.0.1:18080")
KEY = os.environ.get("PASSEUR_KEY", "")
BOUNDARY = "----passeur-7f3a9c"


def main() -> int:
    request = Path(sys.argv[1] if len(sys.argv) > 1 else HERE / "request.json").read_bytes()
    file = Path(sys.argv[2] if len(sys.argv) > 2 else HERE / "lettre.pdf").read_bytes()
    once = hashlib.sha256(request + file).hexdigest()
    try:
        made = call("/v1/documents", form(request, file), {"Idempotency-Key": once})
    except urllib.error.HTTPError as refused:
        problem = json.load(refused)
        print(problem["title"])
        for fault in problem.get("errors", []):
            print(f"  {fault['field']}: {fault['message']} {fault['remedy']}")
        return 1
    print(f"document {made['id']}, version {made['number']}")
    for order in made["orders"]:
        print(f"  {order['destination']} {order['recipient']}: {state_of(order['id'])}")
    return 0


def form(request: bytes, file: bytes) -> bytes:
    """multipart/form-data, by hand."""
    parts = (
        ('name="request"', "application/json; charset=utf-8", request),
        ('name="file"; filename="lettre.pdf"', "application/pdf", file),
    )
    body = b""
    for name, kind, content in parts:
        head = f"--{BOUNDARY}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: {kind}\r\n\r\n"
        body += head.encode() + content + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def state_of(order_id: str) -> str:
    """Of an order, once it no longer moves by itself, or after half a minute."""
    state = "ready"
    for _ in range(60):
        try:
            state = call(f"/v1/orders/{order_id}")["order"]["state"]
        except urllib.error.HTTPError as error:
            if error.code != 404:  # 404: its document is still being made
                raise
        if state not in ("deferred", "ready", "sending"):
            break
        time.sleep(0.5)
    return state


def call(path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Any:
    kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"} if body else {}
    whole = {"Authorization": f"Bearer {KEY}", **kind, **(headers or {})}
    asked = urllib.request.Request(URL + path, data=body, headers=whole)  # noqa: S310 - the address is the operator's
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
        return json.load(answer)


if __name__ == "__main__":
    sys.exit(main())
