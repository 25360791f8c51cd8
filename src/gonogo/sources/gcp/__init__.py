"""Google Cloud as it is: a read-only session and the collectors of what the rules judge. Imports google only when it is used."""
