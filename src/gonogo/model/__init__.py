"""The words of gonogo as types. Imports nothing else of ours."""
