"""Run both simulators until SIGTERM; see the package."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import signal
import sys
from pathlib import Path
from typing import Any

from connectors.simulators.control import Control
from connectors.simulators.dmp.simulator import DmpSimulator
from connectors.simulators.mailbox.simulator import MailSimulator
from connectors.simulators.pki import Pki, make_pki


def main() -> None:
    """`python -m connectors.simulators`."""
    parser = argparse.ArgumentParser(prog="python -m connectors.simulators", description=__doc__)
    parser.add_argument("--directory", type=Path, required=True, help="holds the PKI and what was taken")
    parser.add_argument("--dmp-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--smtp-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--control-port", type=int, default=0, help="0: any free port")
    parser.add_argument("--structure-id", default="1990000002", help="Struct_IdNat in the certificates")
    asyncio.run(_run(parser.parse_args()))


async def _run(options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    directory: Path = options.directory.resolve()
    pki = make_pki(directory / "pki", structure_id=options.structure_id)
    dmp = DmpSimulator(directory / "dmp", pki, port=options.dmp_port)
    mail = MailSimulator(directory / "mail", pki, port=options.smtp_port)
    control = Control(dmp, mail, port=options.control_port)
    peers = (dmp, mail, control)
    try:
        for peer in peers:
            await peer.start()
        sys.stdout.write(json.dumps(_announcement(dmp, mail, control, pki)) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        for peer in peers:
            await peer.stop()


def _announcement(dmp: DmpSimulator, mail: MailSimulator, control: Control, pki: Pki) -> dict[str, Any]:
    return {
        "dmp_url": dmp.url,
        "dmp_port": dmp.port,
        "smtp_host": mail.host,
        "smtp_port": mail.port,
        "control_url": f"http://127.0.0.1:{control.port}",
        "control_port": control.port,
        "pki": _paths(dataclasses.asdict(pki)),
    }


def _paths(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _paths(inner) for key, inner in value.items()}
    return str(value)


if __name__ == "__main__":
    main()
