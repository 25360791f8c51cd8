"""gonogo's own words in the reader's language; English is what the sources say, any other is a gettext catalogue under `rules/locale`."""
