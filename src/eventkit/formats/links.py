"""Personal links: signed, derived, and stored nowhere.

A link names a registration, its `epoch` and the moment it was made, and says whether it is for who
signed them up. Raising the epoch revokes every link given before. After a restore numbers are given
anew, and who registered at another moment is somebody else. What signs is made from the secret,
which lies outside the database and its backups.
"""

from __future__ import annotations

import hmac
from functools import cached_property

from attrs import astuple, field, frozen
from itsdangerous import BadData, URLSafeSerializer

from eventkit.formats.wording import LANGUAGES
from eventkit.model.registration import Registration
from eventkit.model.values import instant

PATH = "/r/"
"""Where a site shows a person's own page, followed by the token."""


@frozen
class Claim:
    """What a link says: the event, the registration's number there, the link's epoch, when the
    person `registered`, in seconds since 1970, and whether it is for their `booker`.
    """

    event: str
    number: int
    epoch: int
    registered: int
    booker: bool = False

    @classmethod
    def of(cls, registration: Registration, *, booker: bool = False) -> Claim:
        """What a link to `registration` says."""
        return cls(
            event=registration.event,
            number=registration.number,
            epoch=registration.epoch,
            registered=int(instant(registration.at).timestamp()),
            booker=booker,
        )

    def fits(self, registration: Registration) -> bool:
        """Whether the link is still one of `registration`."""
        return self == Claim.of(registration, booker=self.booker)


@frozen
class Links:
    """The links of one site: made and read with its `secret`."""

    secret: str = field(repr=False)
    base_url: str = ""

    def token(self, registration: Registration, *, booker: bool = False) -> str:
        """The part of a link that cannot be guessed, and tells no name."""
        said = astuple(Claim.of(registration, booker=booker))
        signed = self._signer.dumps(said if booker else said[:-1])  # what is typed off is short
        return signed if isinstance(signed, str) else signed.decode()

    def read(self, token: str) -> Claim | None:
        """What a link says; None for one that we did not make."""
        try:
            return Claim(*self._signer.loads(token))
        except (BadData, TypeError):
            return None

    def page(
        self, registration: Registration, language: str = LANGUAGES[0], *, booker: bool = False
    ) -> str:
        """The address of a person's own page, or with `booker` as who signed them up opens it."""
        return f"{self._root(language)}{PATH}{self.token(registration, booker=booker)}"

    def event(self, event_id: str, language: str = LANGUAGES[0]) -> str:
        """The address of an event's page."""
        return f"{self._root(language)}/events/{event_id}"

    def _root(self, language: str) -> str:
        own = language in LANGUAGES and language != LANGUAGES[0]
        return f"{self.base_url}/{language}" if own else self.base_url

    @cached_property
    def _signer(self) -> URLSafeSerializer:
        key = hmac.digest(self.secret.encode(), b"eventkit.links", "sha256")
        return URLSafeSerializer(key, salt="eventkit.link")
