"""Hashes."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Mapping

from gonogo.sources.terraform.functions.base import STRING, Function
from gonogo.sources.terraform.values import TfError

_NAMESPACES = {"dns": uuid.NAMESPACE_DNS, "url": uuid.NAMESPACE_URL, "oid": uuid.NAMESPACE_OID, "x500": uuid.NAMESPACE_X500}


def digest(algorithm: str, data: bytes) -> bytes:
    """The digest; none of these protects anything here, Terraform programs ask for them by name."""
    return hashlib.new(algorithm, data, usedforsecurity=False).digest()


def _hex(algorithm: str) -> Function:
    return Function(lambda text: digest(algorithm, text.encode()).hex(), (STRING,))


def _base64(algorithm: str) -> Function:
    return Function(lambda text: base64.b64encode(digest(algorithm, text.encode())).decode(), (STRING,))


def _uuid5(namespace: str, name: str) -> str:
    try:
        return str(uuid.uuid5(_NAMESPACES.get(namespace) or uuid.UUID(namespace), name))
    except ValueError as error:
        raise TfError("uuidv5() takes dns, url, oid, x500 or a UUID") from error


HASH_FUNCTIONS: Mapping[str, Function] = {
    "base64sha256": _base64("sha256"),
    "base64sha512": _base64("sha512"),
    "md5": _hex("md5"),
    "sha1": _hex("sha1"),
    "sha256": _hex("sha256"),
    "sha512": _hex("sha512"),
    "uuidv5": Function(_uuid5, (STRING, STRING)),
}
