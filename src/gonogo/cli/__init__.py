"""The command line: argv to a request, an assessment to an exit code. One thin file per command."""
