"""Volet "Transmission de document(s) CDA-R2 en HL7v2" 2.1, and its editions 1.2 and 2.0: message → drafts."""
