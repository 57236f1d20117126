"""Discrete laboratory results (ORU^R01, OUL^R22 of HL7 v2.3 to v2.8) → canonical laboratory reports."""
