"""`python -m dcn_core`: see `dcn_core.cli`."""

from dcn_core.cli import main
from dcn_core.training.setup import leave

try:
    main()
except SystemExit as end:
    leave(end.code)
