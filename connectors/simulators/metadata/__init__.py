"""XDS metadata (ebRIM 3.0) as the simulators read and judge it: the DMP's and an XDM archive's are the same."""
