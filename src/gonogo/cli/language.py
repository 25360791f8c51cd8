"""`--lang`: in which language a command speaks to people."""

from __future__ import annotations

from collections.abc import Iterable

import click

from gonogo.config import read_surroundings
from gonogo.model.assessment import Assessment
from gonogo.translation.choice import chosen
from gonogo.translation.language import CODES, Language, load

in_language = click.option("--lang", type=click.Choice(CODES), help="The language of what is for people [the checklist's, else the locale's, else en].")


def speaking(lang: str | None, texts: Iterable[str] = ()) -> Language:
    """The language asked for, else that of a checklist with these `texts`, else that of the locale."""
    return load(chosen(lang, texts, read_surroundings().locale))


def language_of(assessment: Assessment, lang: str | None) -> Language:
    """The language in which an assessment is told."""
    return speaking(lang, (item.binding.item.text for item in assessment.items))
