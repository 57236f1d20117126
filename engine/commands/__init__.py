"""The commands of `passeur`, one file per subject."""
