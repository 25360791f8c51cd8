"""The line hash of GitHub code scanning, by which it knows an alert again after lines have moved.

A port of github/codeql-action `src/fingerprints.ts`; Microsoft's SARIF multitool writes the same
(`rewrite --insert RollingHashPartialFingerprints`) and is the oracle of the tests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

_BLOCK = 100
"""How many kept units from the beginning of a line on are hashed, those of later lines too."""
_BASE = 37
_MASK = (1 << 64) - 1
_OLDEST = pow(_BASE, _BLOCK, 1 << 64)
_END = 65535
_TAB, _LF, _CR, _SPACE = 9, 10, 13, 32


def line_hashes(content: bytes) -> list[str]:
    """The hash of every line of a file, in order: lower-case hexadecimal, `:`, and the how-manieth of its kind it is.

    The text is what UTF-8 says, each bad byte a replacement character, a byte order mark kept, as UTF-16 code units without
    blanks and tabs; a line ends with LF, CR or both. What follows the last line end is a line, too.
    """
    window = [0] * _BLOCK
    starts = [False] * _BLOCK
    counts: Counter[str] = Counter()
    found: list[str] = []
    at = value = 0
    for unit, first_of_line in _kept(content):
        if starts[at]:
            text = f"{value:x}"
            counts[text] += 1
            found.append(f"{text}:{counts[text]}")
        starts[at] = first_of_line
        value = (_BASE * value + unit - _OLDEST * window[at]) & _MASK
        window[at] = unit
        at = at + 1 if at + 1 < _BLOCK else 0
    return found


def _kept(content: bytes) -> Iterator[tuple[int, bool]]:
    """The units that are hashed, and whether each is the first of a line; zeros push the last lines out of the window."""
    units = memoryview(content.decode("utf-8", "replace").encode("utf-16-le", "surrogatepass")).cast("H")
    after_cr, first = False, True
    for unit in units:
        if unit in (_SPACE, _TAB) or (after_cr and unit == _LF):
            after_cr = False
            continue
        after_cr = unit == _CR
        yield _LF if after_cr else unit, first
        first = after_cr or unit == _LF
    yield _END, first
    yield from ((0, False) for _ in range(_BLOCK))
