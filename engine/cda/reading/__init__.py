"""The header of a CDA that others made, as the canonical values this engine works with. Nothing is guessed."""

from engine.cda.reading.header import Read, read
from engine.cda.reading.patient import patient

__all__ = ["Read", "patient", "read"]
