"""A listening socket that should stay silent."""

from __future__ import annotations

import socket
import threading
from types import TracebackType


class Listener:
    """Counts the calls made to a port of the loopback while it is entered."""

    def __init__(self) -> None:
        self.calls = 0
        self._server = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._listen)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.getsockname()[1]}/x.xml"

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Calls ourselves once, to prove that it listened and to end it."""
        with socket.create_connection(self._server.getsockname()) as end:
            end.sendall(b"end")
        self._thread.join()
        self._server.close()

    def _listen(self) -> None:
        while True:
            caller, _ = self._server.accept()
            with caller:
                caller.settimeout(5)
                try:
                    if caller.recv(3) == b"end":
                        return
                except OSError:
                    pass
                self.calls += 1
