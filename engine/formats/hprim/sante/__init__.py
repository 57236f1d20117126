"""HPRIM Santé 2.x: delimited segments H P OBR OBX C L, laboratory to requester (recommendation 2.4, February 2013)."""
