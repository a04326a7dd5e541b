"""What runs side by side under one time is an item for each track, and overlaps nothing."""

from __future__ import annotations

import pytest
from eventkit_announcement import read

from eventkit import Event, ImportRequest, check

HEAD = "Konference om haver\n\n21.04.2022\n\nTid: 9-15\n\nProgram\n\n9.00-10.00 Kaffe og oplæg\n"
TAIL = "11.30-15.00 Øvelser\n"


def programme(text: str) -> tuple[Event, list[str]]:
    found = read(ImportRequest(data=f"{HEAD}{text}{TAIL}".encode()))
    assert found.findings == ()
    (event,) = found.events
    assert "EK101" not in [finding.code for finding in check(event)]
    middle = event.programme[1:-1]
    assert {(item.starts.hour, item.ends and item.ends.hour) for item in middle} == {(10, 11)}
    return event, [f"{item.track}: {item.title}" for item in middle]


@pytest.mark.parametrize(
    "text",
    [
        "10.00-11.30 Parallelt\nSpor A: Træer\n- eg\nSpor B: Buske\n- hæk\n",
        "10.00-11.30\nParallelt\n\nSpor A: Træer\n\n- eg\n\nSpor B: Buske\n\n- hæk\n",
        "10.00-11.30 Parallelt\n- Spor A: Træer\n   - eg\n- Spor B: Buske\n   - hæk\n",
        "10.00-11.30 Parallelt\nSpor A – Træer\n- eg\nSpor B – Buske\n- hæk\n",
        "10.00-11.30 Parallelt\nSpor A\nTræer\n- eg\nSpor B\nBuske\n- hæk\n",
        "10.00-11.30 Spor A: Træer\n- eg\n10.00-11.30 Spor B: Buske\n- hæk\n",
        "10.00-11.30\nSpor A: Træer\n- eg\nSpor B: Buske\n- hæk\n",
    ],
)
def test_tracks_are_items_of_one_time(text: str) -> None:
    """With the bullets below each in its own, and the heading they share in both."""
    event, said = programme(text)
    assert said == ["Spor A: Træer", "Spor B: Buske"]
    one, two = event.programme[1:-1]
    assert ("eg" in one.description, "hæk" in one.description) == (True, False)
    assert ("eg" in two.description, "hæk" in two.description) == (False, True)
    assert ("Parallelt" in one.description) is ("Parallelt" in two.description) is ("Para" in text)


@pytest.mark.parametrize("word", ["Track", "Session", "Workshop", "Stream"])
def test_tracks_have_many_names(word: str) -> None:
    _, said = programme(f"10.00-11.30 Vælg én\n{word} 1: Træer\n{word} 2 (lokale 3): Buske\n")
    assert said == [f"{word} 1: Træer", f"{word} 2: Buske"]


def test_a_room_beside_a_track_is_its_room() -> None:
    event, said = programme("10.00-11.30 Øvelser\nSpor A: Lokale 1\nSpor B (salen): Buske\n")
    assert said == ["Spor A: Øvelser", "Spor B: Buske"]
    assert [item.room for item in event.programme[1:-1]] == ["Lokale 1", "salen"]


def test_what_follows_each_other_is_no_track() -> None:
    """Nor is one workshop alone, or a word that only begins like one."""
    text = f"{HEAD}10.00-10.45 Workshop 1: Træer\n10.45-11.30 Workshop 2: Buske\n"
    (event,) = read(ImportRequest(data=text.encode())).events
    assert [item.title for item in event.programme[1:]] == [
        "Workshop 1: Træer",
        "Workshop 2: Buske",
    ]
    assert {item.track for item in event.programme} == {""}
    assert programme("10.00-11.30 Oplæg\nSpor A: Træer\n")[1] == [": Oplæg"]
