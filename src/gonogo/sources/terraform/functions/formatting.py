"""`format` and `formatlist`: go-cty's verbs (cty/function/stdlib/format.go)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from gonogo.model.value import OpenList, Unknown
from gonogo.sources.terraform.functions.encoding import json_text
from gonogo.sources.terraform.operations import join_text
from gonogo.sources.terraform.result import Symbolic
from gonogo.sources.terraform.values import TfError, TfSet, Val, as_bool, as_number, as_string, deep_unknown, uncounted

_VERB = re.compile(r"%(?P<flags>[-+ #0]*)(?P<width>\d+)?(?:\.(?P<precision>\d*))?(?:\[(?P<index>\d+)\])?(?P<verb>.)", re.S)
MAX_WIDTH = 10_000


def format_text(spec: str, arguments: Sequence[Val]) -> str | Unknown:
    """`format(spec, arguments...)`; a text that is known only after apply stays a reference where it is put in as it is."""
    pieces: list[str | Unknown] = []
    position = 0
    following = 0
    used = 0
    for match in _VERB.finditer(spec):
        if match.start() < position:
            continue
        pieces.append(spec[position : match.start()])
        position = match.end()
        if match["verb"] == "%":
            pieces.append("%")
            continue
        if match["index"]:
            following = int(match["index"]) - 1
        if not 0 <= following < len(arguments):
            raise TfError(f"not enough arguments for {match[0]!r} in format()")
        pieces.append(_one(match, arguments[following]))
        following += 1
        used = max(used, following)
    rest = spec[position:]
    if "%" in rest:
        raise TfError("an unfinished verb in format()")
    if used < len(arguments):
        raise TfError("too many arguments for format()")
    return join_text([*pieces, rest])


def _one(match: re.Match[str], argument: Val) -> str | Unknown:
    if isinstance(argument, Symbolic) and match["verb"] in "sv" and not (match["flags"] or match["width"] or match["precision"]):
        return argument
    unknown = deep_unknown(argument)
    return _known(match, argument) if unknown is None else unknown


def _known(match: re.Match[str], argument: Val) -> str:
    verb, flags = match["verb"], match["flags"]
    width = int(match["width"] or 0)
    precision = None if match["precision"] is None else int(match["precision"] or 0)
    if width > MAX_WIDTH or (precision or 0) > MAX_WIDTH:
        raise TfError("a width too large in format()")
    if verb == "v":
        verb = _natural(argument, "#" in flags)
        if verb == "null":
            return _pad("null", width, flags)
    if argument is None:
        raise TfError(f"unsupported value for {match[0]!r}: null value cannot be formatted")
    if verb == "t":
        text = "true" if as_bool(argument) else "false"
    elif verb in "bdoxXeEfgG":
        return _number(verb, flags, width, precision, argument)
    elif verb in "sq":
        text = str(as_string(argument))
        if precision is not None:
            text = text[:precision]
        text = json_text(text) if verb == "q" else text
    elif verb == "json":
        text = json_text(argument)
    else:
        raise TfError(f"unrecognized verb {match[0]!r} in format()")
    return _pad(text, width, flags)


def _natural(argument: Val, sharp: bool) -> str:
    if argument is None:
        return "null"
    if sharp:
        return "json"
    if isinstance(argument, bool):
        return "t"
    if isinstance(argument, int | Decimal):
        return "g"
    return "s" if isinstance(argument, str) else "json"


def _pad(text: str, width: int, flags: str) -> str:
    if "-" in flags:
        return text.ljust(width)
    return text.rjust(width, "0" if "0" in flags else " ")


def _number(verb: str, flags: str, width: int, precision: int | None, argument: Val) -> str:
    number = as_number(argument)
    if not isinstance(number, int | Decimal):
        raise TfError("a number is required")
    if verb in "bdoxX":
        if isinstance(number, Decimal):
            raise TfError("a whole number is required in format()")
        body = format(abs(number), verb)
        body = {"x": "0x", "X": "0X", "o": "0", "b": "0b"}.get(verb, "") + body if "#" in flags else body
        if precision is not None:
            body = body.rjust(precision, "0")
    else:
        body = _float(verb, abs(Decimal(number)), precision)
    sign = "-" if number < 0 else "+" if "+" in flags else " " if " " in flags else ""
    if "0" in flags and "-" not in flags:
        return sign + body.rjust(width - len(sign), "0")
    return _pad(sign + body, width, flags.replace("0", ""))


def _float(verb: str, number: Decimal, precision: int | None) -> str:
    if verb in "gG" and precision is None:
        # The shortest text; an exponent where Go's %g of a big.Float has one.
        if number == 0 or -4 <= number.adjusted() < 6:
            return format(number.normalize(), "f")
        digits = number.normalize()
        mantissa = format(digits.scaleb(-digits.adjusted()), "f")
        text = f"{mantissa}e{'+' if digits.adjusted() >= 0 else '-'}{abs(digits.adjusted()):02d}"
        return text.upper() if verb == "G" else text
    shown = format(number, f".{6 if precision is None else precision}{verb}")
    return re.sub(r"([eE][+-])(\d)$", r"\g<1>0\2", shown)


def format_list(spec: str, arguments: Sequence[Val]) -> Sequence[str | Unknown] | Unknown:
    """`formatlist(spec, arguments...)`: element by element over the arguments that are lists."""
    lengths = {len(a) for a in arguments if isinstance(a, tuple)}
    # What is not known may be a list too: of this length then.
    hidden = [u for u in map(uncounted if not lengths else _unordered, arguments) if u is not None]
    if hidden:
        return Unknown.merge(hidden)
    if len(lengths) > 1:
        raise TfError("the lists given to formatlist() differ in length")
    if not lengths:
        return [format_text(spec, arguments)]
    return [format_text(spec, [a[i] if isinstance(a, tuple) else a for a in arguments]) for i in range(lengths.pop())]


def _unordered(argument: Val) -> Unknown | None:
    if isinstance(argument, TfSet) and len(argument) > 1:
        return deep_unknown(argument)
    return argument.unknown if isinstance(argument, OpenList) else None
