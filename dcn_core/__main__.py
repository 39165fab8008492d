"""`python -m dcn_core`: see `dcn_core.cli`."""

from dcn_core.cli import main

main()
