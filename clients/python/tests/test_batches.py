from __future__ import annotations

import json

import pytest

from actors_registry import RegistryError
from actors_registry._batches import batches


def test_nothing_makes_no_batch() -> None:
    assert list(batches([], 10)) == []


def test_a_batch_has_as_many_as_it_may() -> None:
    assert list(batches("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]


def test_batches_stay_below_48_kib_and_lose_nothing() -> None:
    names = [f"{number}-" + "ü" * 250 for number in range(500)]
    made = list(batches(names, 1000))
    assert [name for batch in made for name in batch] == names
    assert len(made) > 1
    assert all(len(json.dumps(batch, ensure_ascii=False).encode()) <= 48 * 1024 + 2 * len(batch) for batch in made)


def test_what_is_too_large_by_itself_is_alone() -> None:
    large = "x" * 60_000
    assert list(batches(["a", large, "b"], 10)) == [["a"], [large], ["b"]]


def test_a_text_that_is_no_unicode_is_an_error() -> None:
    with pytest.raises(RegistryError):
        list(batches(["\udc80"], 10))
