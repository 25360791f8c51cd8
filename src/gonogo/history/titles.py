"""What a recorded verdict is of, in the reader's language."""

from __future__ import annotations

from gonogo.history.run import Level, Standing
from gonogo.translation.language import Language


def titled(standing: Standing, language: Language) -> str:
    """An item as the team wrote it, a control by its title, a finding by its rule and what that says."""
    if standing.key.level is Level.ITEM:
        return standing.title
    if standing.key.level is Level.CONTROL:
        return language.sentence(standing.title, standing.key.id)
    rule, colon, message = standing.title.partition(": ")
    return f"{rule}{colon}{language.sentence(message, rule)}"
