"""How often somebody may try: a count over a while, for each of those it is kept for.

The counts are kept in this process and forgotten when it ends. A site of several processes
therefore allows each visitor as many tries in each of them. That is enough against a form sent over
and over; whoever must be kept out for good is kept out in front of the site.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from datetime import datetime, timedelta

from eventkit.model.values import instant

MOST_KEPT = 10_000
"""Of how many visitors the tries are remembered; who came longest ago is forgotten first."""


class Limit:
    """At most `most` different tries `within` a while. Safe to share between threads."""

    def __init__(self, most: int, within: timedelta, *, kept: int = MOST_KEPT) -> None:
        self._most = most
        self._within = within
        self._kept = kept
        self._tries: OrderedDict[Hashable, dict[Hashable, datetime]] = OrderedDict()
        self._lock = threading.Lock()

    def allows(self, who: Hashable, now: datetime, *, what: Hashable = None) -> bool:
        """Whether `who` may try once more at `now`, which counts unless it is refused.

        The same `what` again within the while is the same try.
        """
        moment = instant(now)
        with self._lock:
            tries = {
                one: tried
                for one, tried in self._tries.pop(who, {}).items()
                if moment - tried < self._within
            }
            this = (moment, len(tries)) if what is None else what
            allowed = this in tries or len(tries) < self._most
            if allowed:
                tries.setdefault(this, moment)
            self._tries[who] = tries
            while len(self._tries) > self._kept:
                self._tries.popitem(last=False)
        return allowed
