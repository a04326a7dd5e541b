"""Personal links: signed, derived, and stored nowhere.

A link names a registration and its `epoch`. Raising the epoch revokes every link given before.
What signs is made from the secret, which lies outside the database and its backups.
"""

from __future__ import annotations

import hmac
from functools import cached_property

from attrs import field, frozen
from itsdangerous import BadData, URLSafeSerializer

from eventkit.formats.wording import LANGUAGES
from eventkit.model.registration import Registration

PATH = "/r/"
"""Where a site shows a person's own page, followed by the token."""


@frozen
class Claim:
    """What a link says: the event, the registration's number there, and the link's epoch."""

    event: str
    number: int
    epoch: int

    def fits(self, registration: Registration) -> bool:
        """Whether the link is still one of `registration`."""
        return (
            registration.event == self.event
            and registration.number == self.number
            and registration.epoch == self.epoch
        )


@frozen
class Links:
    """The links of one site: made and read with its `secret`."""

    secret: str = field(repr=False)
    base_url: str = ""

    def token(self, registration: Registration) -> str:
        """The part of a link that cannot be guessed, and tells no name."""
        said = [registration.event, registration.number, registration.epoch]
        signed = self._signer.dumps(said)
        return signed if isinstance(signed, str) else signed.decode()

    def read(self, token: str) -> Claim | None:
        """What a link says; None for one that we did not make."""
        try:
            event, number, epoch = self._signer.loads(token)
        except (BadData, TypeError, ValueError):
            return None
        return Claim(event, number, epoch)

    def page(self, registration: Registration, language: str = LANGUAGES[0]) -> str:
        """The address of a person's own page."""
        return f"{self._root(language)}{PATH}{self.token(registration)}"

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
