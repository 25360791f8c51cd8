"""XML of a stranger: no entities, nothing fetched, bounded in depth and elements.

A document type is allowed, as Cobertura's and JaCoCo's reports have one; expat fetches nothing for it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from gonogo.sources.artefacts.reading import Unfit

MAX_DEPTH = 100
MAX_ELEMENTS = 600_000


def read_xml(data: bytes) -> ET.Element:
    """The root element; namespaces are left out of its names. Raises `Unfit`."""
    builder = ET.TreeBuilder()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = count = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, count
        depth, count = depth + 1, count + 1
        if depth > MAX_DEPTH or count > MAX_ELEMENTS:
            raise Unfit(f"nested deeper than {MAX_DEPTH}" if depth > MAX_DEPTH else f"more than {MAX_ELEMENTS} elements")
        builder.start(tag.rpartition(":")[2], attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag.rpartition(":")[2])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = _refuse("it declares entities, which no report needs")
    parser.UnparsedEntityDeclHandler = _refuse("it declares entities, which no report needs")
    parser.ExternalEntityRefHandler = _refuse("it refers to another file")
    try:
        parser.Parse(data, True)
        return builder.close()
    except expat.ExpatError as error:
        raise Unfit(f"not valid XML: {error}") from None
    except (LookupError, ValueError) as error:
        raise Unfit(f"an encoding that cannot be read: {error}") from None


def _refuse(reason: str) -> Callable[..., int]:
    def handler(*_: Any) -> int:
        raise Unfit(reason)

    return handler
