"""`python -m engine` is `passeur`."""

from engine.cli import main

main()
