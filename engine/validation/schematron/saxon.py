"""SaxonC-HE, one processor per process.

It holds the interpreter's lock, and a processor made on a second thread kills the process without a word: it runs on
the main thread of worker processes only. It never reads a file nor the network: documents are handed to it as text
that lxml has already checked.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any


@cache
def processor() -> Any:
    """The process's only processor. Raises RuntimeError outside the main thread."""
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("Saxon ne peut servir que sur le fil principal d’un processus")
    import saxonche  # here, so that only the processes that validate load its 100 MB

    made = saxonche.PySaxonProcessor(license=False)
    made.set_configuration_property("http://saxon.sf.net/feature/allowedProtocols", "")
    return made


def document(text: str) -> Any:
    """An XML document, from text without a DOCTYPE."""
    with silenced():
        return processor().parse_xml(xml_text=text)


def executable(stylesheet: str, parameter: str, documents: dict[str, Any]) -> Any:
    """A compiled stylesheet, with the documents it may read."""
    made = processor().new_xslt30_processor().compile_stylesheet(stylesheet_text=stylesheet)
    handed = processor().make_map2(documents) if documents else processor().make_map({})
    made.set_parameter(parameter, handed)
    return made


def output(compiled: Any, node: Any) -> str:
    """Run a compiled stylesheet on a document. Raises saxonche's error when an expression cannot be evaluated."""
    with silenced():
        return str(compiled.transform_to_string(xdm_node=node))


_silences = 0
"""How many `silenced` are entered: only the outermost one moves the error output."""


@contextmanager
def silenced() -> Iterator[None]:
    """Saxon writes its errors, values of the document included, on the process's error output: never there.

    Entered again inside itself, it costs nothing: one validation is silenced once.
    """
    global _silences
    if _silences:
        yield
        return
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    _silences += 1
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        _silences -= 1
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
