"""Passeur: the interoperability engine."""

__version__ = "0.1.0"
