"""Options in, one job called, exit code out: together they alone read the clock and the environment."""

from automation.cli.group import cli, main

__all__ = ["cli", "main"]
