"""Many names in few messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ._wire import encode

# Leaves room for the rest of a request within the 64 KiB that a registry reads at once: a manager's id, instance and
# process, each of its strings up to 255 bytes, which JSON may double.
_MOST_BYTES = 48 * 1024
MOST_NAMES_LOOKED_UP = 1000
MOST_NAMES_REGISTERED = 1000
MOST_NAMES_REPAIRED = 200


def batches(elements: Iterable[Any], most: int) -> Iterator[list[Any]]:
    """The elements of requests' arrays: at most so many in each, and so few that the request stays well below 64
    KiB. An element that is too large by itself is alone. Raises RegistryError where a text is no Unicode.
    """
    batch: list[Any] = []
    bytes_of_batch = 0
    for element in elements:
        size = len(encode(element)) + 1  # and a comma
        if batch and (len(batch) == most or bytes_of_batch + size > _MOST_BYTES):
            yield batch
            batch, bytes_of_batch = [], 0
        batch.append(element)
        bytes_of_batch += size
    if batch:
        yield batch
