"""Where on_notice is called: not on the heartbeats' thread, since whatever it does may take its time."""

from __future__ import annotations

import logging
import queue
import threading
from typing import Callable

from .notices import Notice

_log = logging.getLogger("actors_registry")


class NoticeThread:
    """Begins with the first notice."""

    def __init__(self, on_notice: Callable[[Notice], object] | None) -> None:
        self._on_notice = on_notice
        self._notices: queue.SimpleQueue[Notice | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def put(self, notice: Notice) -> None:
        """From any thread."""
        if self._on_notice is None:
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, args=(self._on_notice,), daemon=True)
                self._thread.start()
        self._notices.put(notice)

    def end(self) -> None:
        """When it has called with what there was until now; does not wait for that."""
        self._notices.put(None)

    def _run(self, on_notice: Callable[[Notice], object]) -> None:
        while (notice := self._notices.get()) is not None:
            try:
                on_notice(notice)
            except Exception:  # it is not to end what comes after
                _log.exception("on_notice failed")
