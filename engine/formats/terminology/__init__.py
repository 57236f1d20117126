"""A laboratory's own words turned into official codes: its tables first, then what every French laboratory writes.

Nothing is ever mapped by likeness of labels, and no value is ever converted or scaled.
"""
