"""The thread of ``eventkit serve`` that does what is due while the site is served."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from eventkit.model.errors import EventkitError, SettingsError
from eventkit.office.delivery import Delivery

logger = logging.getLogger("eventkit.work")

EVERY = 30.0
"""Seconds between two looks; a demo looks more often, for somebody waits for the mail."""


@contextmanager
def working(delivery: Delivery, *, every: float = EVERY) -> Iterator[None]:
    """Within, a thread ticks again and again; at the end it finishes what it has begun."""
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(delivery, stop, every), name="eventkit-work")
    thread.daemon = True  # a notifier that hangs must not keep a server from stopping
    thread.start()
    try:
        yield
    finally:
        stop.set()
        delivery.stop()
        thread.join(timeout=5)


def _work(delivery: Delivery, stop: threading.Event, every: float) -> None:
    said = ""
    while not stop.is_set():
        try:
            delivery.tick()
            said = ""
        except SettingsError as error:  # which was told when the site began
            logger.debug("what is due is not done: %s", error)
        except EventkitError as error:
            if error.code != said:  # once, not every half minute
                logger.error("what is due is not done: %s: %s", error.code, error)
            said = error.code
        except Exception:  # a fault of ours must not end the thread that nobody looks at
            logger.exception("what is due is not done")
        stop.wait(every)
