"""HPRIM Santé → canonical document."""
