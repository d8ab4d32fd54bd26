"""The command line as python -m themetagger.cli."""

from themetagger.cli import main

main()
