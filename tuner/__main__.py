"""`python -m tuner`: the commands, where their script is not on the path."""

from tuner.cli import main

if __name__ == "__main__":
    main()
