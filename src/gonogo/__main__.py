"""`python -m gonogo`."""

from gonogo.cli.main import entry

if __name__ == "__main__":
    entry()
