"""What the Google Cloud APIs and the Cloud Asset Inventory call things.

One thing has several names: its full resource name (`//run.googleapis.com/projects/p/locations/l/services/s`), the same
without the host, its self link (`https://…/compute/v1/projects/p/global/urlMaps/m`) and its short name. The part from the
collection that owns it is in all of them but the last, so that is what things are told apart by.
https://cloud.google.com/asset-inventory/docs/resource-name-format
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from gonogo.kinds.fields import Written
from gonogo.model.value import Value

# Where a name starts: everything before it is a scheme, a host, the name and version of an API.
_OWNER = re.compile(r"(?:^|/)((?:projects|folders|organizations|billingAccounts|namespaces)/.+)")
_NUMBERED = re.compile(r"(?:^|/)projects/(\d+)(?=/|$)")
_HOSTS = {"sqladmin.googleapis.com": "cloudsql.googleapis.com"}
"""Where the name of a resource has another host than its asset type."""


def relative_name(text: str) -> str:
    """`projects/p/locations/l/services/s` of any name but a short one, `` of that."""
    found = _OWNER.search(text)
    return found[1].rstrip("/") if found else ""


def collection_of(kind: str) -> str:
    """What the APIs call the collection of a kind in a name: `compute.googleapis.com/SslPolicy` -> `sslPolicies`."""
    name = kind.rpartition("/")[2]
    plural = f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
    return plural[:1].lower() + plural[1:]


def with_project_ids(name: str, numbers: Mapping[str, str]) -> str:
    """A name with the id of its project in the place of the number, where `numbers` has it."""
    found = _NUMBERED.search(name)
    return f"{name[: found.start(1)]}{numbers[found[1]]}{name[found.end(1) :]}" if found and found[1] in numbers else name


def full_name(asset_type: str, data: Mapping[str, Value], name: str = "") -> str:
    """The full resource name of what an API answers, by the name it was asked for or else by what the answer says."""
    host = asset_type.partition("/")[0]
    candidates = (name, data.get("selfLink"), data.get("name"))
    texts = [text for text in candidates if isinstance(text, str) and text]
    for text in texts:
        if text.startswith("//"):
            return text
        if relative := relative_name(text):
            return f"//{_HOSTS.get(host, host)}/{relative}"
    return f"//{_HOSTS.get(host, host)}/{texts[0] if texts else 'unnamed'}"


def named(data: Mapping[str, Value], full: str, observed: datetime | None = None) -> Written:
    """An answer with what its name says, and when it was read, beside it: under `asset`, where the field tables read it."""
    name = full.removeprefix("//").partition("/")[2]
    parts = name.split("/")
    known = relative_name(name) == name
    owners = dict(zip(parts[::2], parts[1::2], strict=False)) if known else {}
    asset = {
        "name": name,
        "id": parts[-1],
        "parent": parts[-3] if len(parts) > 3 else None,
        "owner": "/".join(parts[:-2]) if len(parts) > 3 else None,
        "location": next((owners[key] for key in ("locations", "regions") if key in owners), None),
        "project": owners.get("projects"),
        "observed": observed.isoformat() if observed is not None else None,
    }
    # Assets of an export may lack the name that the API itself always answers.
    return Written({**({"name": parts[-1]} if known else {}), **data, "asset": asset}, answered=True)
