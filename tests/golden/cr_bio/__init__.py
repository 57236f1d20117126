"""Biology reports by clinical situation: canonical documents, and the CDA each must become, byte for byte."""
