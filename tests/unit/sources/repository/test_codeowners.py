"""CODEOWNERS as GitHub documents it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gonogo.sources.repository.codeowners import CodeOwners, read_code_owners

# The example of https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
EXAMPLE = """
# These owners will be the default owners for everything in the repo.
*       @global-owner1 @global-owner2

# Order is important; the last matching pattern takes the most precedence.
*.js    @js-owner #This is an inline comment.

# You can also use email addresses if you prefer.
*.go docs@example.com

*.txt @octo-org/octocats

# In this example, @doctocat owns any files in the build/logs directory at the root and any of its subdirectories.
/build/logs/ @doctocat

# The `docs/*` pattern will match files like `docs/getting-started.md` but not `docs/build-app/troubleshooting.md`.
docs/* docs@example.com

# In this example, @octocat owns any file in an apps directory anywhere in your repository.
apps/ @octocat

# In this example, @doctocat owns any file in the `/docs` directory in the root of your repository and any of its subdirectories.
/docs/ @doctocat

/scripts/ @doctocat @octocat

# In this example, @octocat owns any file in a `/logs` directory such as `/build/logs`, `/scripts/logs`, and `/deeply/nested/logs`.
**/logs @octocat

# In this example, @octocat owns any file in the `/apps` directory except for the `/apps/github` subdirectory, as its owners are left empty.
/apps/ @octocat
/apps/github
"""


def owners(root: Path, text: str, place: str = "CODEOWNERS") -> CodeOwners:
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / place).write_text(text)
    return read_code_owners(root)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("README.md", ("@global-owner1", "@global-owner2")),
        ("web/app.js", ("@js-owner",)),
        ("cmd/main.go", ("docs@example.com",)),
        ("notes.txt", ("@octo-org/octocats",)),
        ("build/logs/2026/a.out", ("@octocat",)),
        ("docs/getting-started.md", ("@doctocat",)),
        ("docs/build-app/troubleshooting.md", ("@doctocat",)),
        ("services/apps/main.tf", ("@octocat",)),
        ("scripts/run.sh", ("@doctocat", "@octocat")),
        ("deeply/nested/logs/a.out", ("@octocat",)),
        ("apps/main.tf", ("@octocat",)),
        ("apps/github/main.tf", ()),
    ],
)
def test_the_documented_example(tmp_path: Path, file: str, expected: tuple[str, ...]) -> None:
    assert owners(tmp_path, EXAMPLE).of([file]) == expected


def test_a_star_does_not_reach_below_its_directory(tmp_path: Path) -> None:
    found = owners(tmp_path, "docs/* @writers\n")
    assert found.of(["docs/a b.md"]) == ("@writers",)
    assert found.of(["docs/build/a.md"]) == ()
    assert found.of(["other/docs/a.md"]) == ()


def test_what_github_does_not_know_is_skipped_and_the_rest_is_read(tmp_path: Path) -> None:
    text = "* @all\n!*.tf @nobody\n[ab].tf @class\n\\#x @hash\ninfra/with\\ blank/ @blank\nx.tf not-an-owner\n*** @stars\n"
    found = owners(tmp_path, text)
    assert found.of(["a.tf"]) == ("@stars",)
    assert found.of(["infra/with blank/a.tf"]) == ("@stars",)
    without = owners(tmp_path, text.replace("*** @stars\n", ""))
    assert without.of(["a.tf"]) == ("@all",)
    assert without.of(["infra/with blank/a.tf"]) == ("@blank",)
    assert without.of(["x.tf"]) == (), "GitHub shows an error for an owner it does not know; nobody owns it"


def test_sections_of_gitlab_each_have_owners(tmp_path: Path) -> None:
    found = owners(tmp_path, "* @lead\n[Database][2] @dba\n*.tf\n/infra/ @infra\n^[Docs]\n*.md @writers\n", "docs/CODEOWNERS")
    assert found.of(["db.tf"]) == ("@dba", "@lead")
    assert found.of(["infra/db.tf"]) == ("@infra", "@lead")
    assert found.of(["a.md", "db.tf"]) == ("@dba", "@lead", "@writers")


def test_the_first_place_counts(tmp_path: Path) -> None:
    owners(tmp_path, "* @docs", "docs/CODEOWNERS")
    owners(tmp_path, "* @root")
    assert owners(tmp_path, "* @github", ".github/CODEOWNERS").of(["a"]) == ("@github",)
    assert read_code_owners(tmp_path / "docs").of(["a"]) == ("@docs",)
    assert read_code_owners(tmp_path / "nowhere") == CodeOwners()


def test_a_hostile_file_costs_little_and_leads_nowhere(tmp_path: Path) -> None:
    started = time.monotonic()
    path = "a" * 250 + "/" + "/".join("a" * 100) + "/b"
    found = owners(tmp_path, ("*a" * 12 + "x @slow\n") + ("**/a/" * 12 + "x @slow\n") + "a" * 100_000 + " @long\n")
    assert found.of([path]) == ()
    assert time.monotonic() - started < 5
    assert owners(tmp_path, "* @a\n" * 30_000).problem == "CODEOWNERS is too large to be read"
    (tmp_path / "CODEOWNERS").write_bytes(b"\xff\xfe* @binary\0\n")
    assert read_code_owners(tmp_path).of(["a"]) in ((), ("@binary\0",))
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "CODEOWNERS").symlink_to("/etc/passwd")
    assert read_code_owners(tmp_path / "inside").problem.endswith("leads out of the repository")
