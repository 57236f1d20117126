"""What was sent → the canonical laboratory report, one field at a time."""
