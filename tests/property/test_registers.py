"""Files of attestations and waivers of any content: they are read, or refused with a place, and never anything else."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.engine.register import ATTESTATIONS, WAIVERS, RegisterError, iso_date, read_attestations, read_waivers
from running import scan
from signed import day, repository, waived

FIELDS = ("item", "text", "section", "checklist", "control", "status", "by", "role", "on", "expires", "evidence", "reason", "note", "release", "owner", "approver", "from", "origin", "resource")
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.sampled_from(["passed", "any", "2027-01-01", "C.md", "\0", "../.."])),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=3,
)
rows = st.one_of(values, st.dictionaries(st.sampled_from(FIELDS), values))
files = st.one_of(
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.builds(
        lambda schema, entries: yaml.safe_dump({"schema": schema, "entries": entries}).encode(),
        st.sampled_from([ATTESTATIONS, WAIVERS]),
        st.one_of(values, st.lists(rows, max_size=3)),
    ),
)


@settings(deadline=None)  # the schema's library is imported by the first
@given(files)
def test_any_file_is_read_or_refused_with_its_name(content: bytes) -> None:
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "C.md").touch()
        path = root / "register.yaml"
        path.write_bytes(content)
        for read in (lambda: read_attestations(path, root), lambda: read_waivers(path, root, 366)):
            try:
                for entry in read():
                    assert entry.start <= entry.expires
            except RegisterError as error:
                assert all(line.startswith("register.yaml") for line in str(error).splitlines())


@given(st.one_of(values, st.from_regex(r"[0-9]{1,5}[-./]?[0-9W]{1,3}[-./]?[0-9]{0,3}(T.*)?", fullmatch=True)))
def test_a_date_is_what_is_written_or_none(given_value: object) -> None:
    found = iso_date(given_value)
    assert found is None or found.isoformat() == given_value


def test_ten_thousand_entries_take_seconds(tmp_path: Path) -> None:
    root = repository(tmp_path, "".join(f"- [x] Item {n} <!-- gonogo: manual -->\n" for n in range(3000)))
    waived(root, *({"item": f"Item {n}"} for n in range(3000)), *({"control": "dockerfile-nonroot", "resource": f"'*a*b*c*{n}*'"} for n in range(7000)))
    started = time.monotonic()
    ran = scan(root)
    assert ran.code == 0, ran.err[:500]
    waived(root, *({"item": f"Itm {n}", "expires": day(3)} for n in range(3000)))
    ran = scan(root)
    assert (ran.code, len(ran.err.splitlines())) == (2, 20)
    assert time.monotonic() - started < 60
