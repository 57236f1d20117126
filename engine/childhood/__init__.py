"""The child's mandatory examinations: what their reports ask, how they are laid out, the certificates they call for."""
