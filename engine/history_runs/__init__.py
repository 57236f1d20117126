"""Historic catch-up: documents kept for long leave for a destination that never had them, behind the fresh ones."""
