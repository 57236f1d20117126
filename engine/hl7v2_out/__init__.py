"""HL7v2 messages of ours, and the answers to them: business acknowledgements (ZAM), deliveries to a software (MDM).

Pure: the same order gives the same bytes, whenever it is sent again.
"""
