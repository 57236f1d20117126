"""What a conversion process needs, imported once by the server that forks them: a process that died is replaced in
milliseconds rather than in a second. Nothing here starts a thread or a saxonche engine: those belong to each process.

Imported by that server alone. It ends with the engine, whose pipe it watches: a SIGTERM to the whole group leaves what
is being converted the time to end.
"""

from __future__ import annotations

import signal

from engine import pool, registry

__all__ = ["pool", "registry"]

registry.formats()
registry.document_types()
signal.signal(signal.SIGTERM, signal.SIG_IGN)
