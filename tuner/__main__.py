"""`python -m tuner`: the commands, where their script is not on the path."""

from tuner.cli import app

if __name__ == "__main__":
    app(prog_name="tuner")
