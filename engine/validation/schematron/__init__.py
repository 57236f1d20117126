"""Schematron (ISO/IEC 19757-3, `xslt2` and `xslt3` bindings) compiled to XSLT 3.0: flatten, compile, run."""
