"""HPRIM Médecin (recommendation 3.0, March 1997): header, page of text, and sometimes a block of results."""
