"""A DMP, as a feeding software sees it: TD0.2, TD2.1, TD3.1b and TD3.3c over mutual TLS."""
