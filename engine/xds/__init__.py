"""XDS metadata, shared by the DMP (XDS.b) and by MSSanté (XDM): values, extraction from a CDA, ebRIM."""
