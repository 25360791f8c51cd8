from __future__ import annotations

import pytest

from gonogo.data import data_directory


@pytest.mark.parametrize(("name", "file"), [("rules", "catalogue.yaml"), ("schemas", "rule-pack.v1.json")])
def test_shipped_data_is_found(name: str, file: str) -> None:
    assert (data_directory(name) / file).is_file()


def test_lost_data_is_said_in_a_sentence() -> None:
    with pytest.raises(FileNotFoundError, match="the installation is broken, install it again"):
        data_directory("nothing-of-ours")
