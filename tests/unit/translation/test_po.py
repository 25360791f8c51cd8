"""PO files, as https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html has them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from gonogo.translation.catalogue import directory_of
from gonogo.translation.language import CODES, ENGLISH_CODE
from gonogo.translation.po import CatalogueError, Entry, read_po, written

FILE = r'''# A translator's remark.
msgid ""
msgstr ""
"Language: ko\n"

#: where.py:1
msgid "one"
msgid_plural ""
"{count} "
"many"
msgstr[0] "\"{count}\"\n"

#, fuzzy
msgctxt "rule"
msgid "a \\ b"
msgstr "unsure"

msgid "not yet"
msgstr ""
'''


def test_entries_are_read_with_contexts_plurals_flags_and_escapes() -> None:
    one, fuzzy, empty = read_po(FILE)
    assert (one.id, one.plural, one.forms, one.fuzzy) == ("one", "{count} many", ['"{count}"\n'], False)
    assert (fuzzy.context, fuzzy.id, fuzzy.forms, fuzzy.fuzzy) == ("rule", "a \\ b", ["unsure"], True)
    assert (empty.id, empty.forms, empty.fuzzy) == ("not yet", [""], False)


@pytest.mark.parametrize("text", ['msgid "a"\nmsgstr "b"', "plain", 'a \\ "b"\nc\td', "\\n", "\\\\n", "ends in \\"])
def test_what_is_written_is_read_again(text: str) -> None:
    (entry,) = read_po(written(Entry("context", text, forms=[text])))
    assert (entry.context, entry.id, entry.forms) == ("context", text, [text])


@pytest.mark.parametrize(("text", "line"), [("nonsense", 1), ('msgid "a"\nmsgstr b', 2), ('\n"a"', 2), ('msgid "a', 1)])
def test_what_is_no_catalogue_is_refused_with_the_line(text: str, line: int) -> None:
    with pytest.raises(CatalogueError, match=f"^line {line}: "):
        list(read_po(text))


@pytest.mark.skipif(shutil.which("msgfmt") is None, reason="gettext's msgfmt is not installed")
@pytest.mark.parametrize("code", [code for code in CODES if code != ENGLISH_CODE])
def test_gettext_takes_the_catalogues(code: str) -> None:
    for path in sorted(directory_of(code).glob("*.po")):
        ran = subprocess.run(["msgfmt", "--check-format", "--check-domain", "-o", "/dev/null", str(path)], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")
