"""One walk over the lines of an announcement, which gives each line one place.

Head (title, teaser, facts), body, programme and tail follow each other, but any may be missing,
and a label is a label wherever it stands. Nothing is interpreted here: a fact keeps its words.

The file is long because it is one machine: a step for each look a line may have, and what each
step needs to know of the lines below.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from attrs import evolve

from eventkit_announcement.amounts import read_capacity
from eventkit_announcement.danish import Span, squeezed
from eventkit_announcement.labels import Look, look, plain, title_of
from eventkit_announcement.letters import greets, navigates
from eventkit_announcement.markdown import Piece
from eventkit_announcement.outline import LONGEST_TITLE, DayMark, Entry, Fact, Outline
from eventkit_announcement.places import directs, has_town, is_place_like, names_place
from eventkit_announcement.placing import Placing, Section
from eventkit_announcement.text import Line
from eventkit_announcement.view import tells


def outline(lines: Sequence[Line]) -> Outline:
    """The parts of the announcement in `lines`."""
    return _Walk(lines).walked()


_ONE_LINE = frozenset(
    "id kind when starts ends when_where town room online deadline registration opens cancelling "
    "price status organiser phone email web capacity title".split()
)
"""Labels whose value is one line, here or below."""

_NEXT = re.compile(r"næste (?:møde|gang|netværk|arrangement)|kommende", re.IGNORECASE)


class _Walk(Placing):
    def __init__(self, lines: Sequence[Line]) -> None:
        super().__init__(lines)
        self._untitled = False  # the first text was no title, and nothing later is
        self._greeted = 0  # lines of the prose that only greet
        self._headed = False  # under a heading of the tail, where prose has its place
        self._steps: Mapping[Look, Callable[[int], int]] = {
            Look.TEXT: self._text,
            Look.LABEL: self._label,
            Look.STATUS: self._status,
            Look.PRICE: self._own_words,
            Look.CAPACITY: self._own_words,
            Look.WHEN: self._when,
            Look.DAY: self._when,
            Look.TIME: self._time,
            Look.UNREADABLE: self._unreadable,
            Look.SIGNED: self._signed,
        }

    def walked(self) -> Outline:
        at = 0
        while at < len(self._lines):
            at = self._steps[self._marks[at].look](at)
        return self._out

    # --- putting down ---

    def _leave_programme(self) -> None:
        if self._section is Section.PROGRAMME:
            self._section = Section.TAIL

    # --- text ---

    def _text(self, at: int) -> int:
        if self._out.title is None and self._section is Section.HEAD and not self._untitled:
            if greets(self._lines[at].text):
                self._greeted += 1
                return self._put(at)
            taken = self._take_title(at)
            if taken is not None:
                return taken
        if self._section is Section.PROGRAMME:  # between the heading and the first item
            return self._put(at, why="unplaced")
        if self._is_second_contact(at):
            return self._second_contact(at)
        if self._takes_name(at):
            return at + 1
        unplaced = self._known.isdisjoint(("place", "place_line")) and not self._out.signature
        if unplaced and self._out.title is not None and not self._placed:
            end = at + 1 if self._is_address(at) else self._loose_address_end(at)
            if end > at:
                own = self._lines[at:end]
                dated = self._is(at - 1, Look.WHEN)
                said = ", ".join(squeezed(plain(line.text)) for line in own)
                self._fact("place_line", said, *own, sure=dated)
                return end
        if self._section is Section.HEAD:
            return self._head_text(at)
        if self._section is Section.TAIL:
            return self._tail_text(at)
        return self._put(at, heading=self._is_heading(at))

    def _take_title(self, at: int) -> int | None:
        line = self._lines[at]
        text = title_of(line)
        if not any(character.isalpha() for character in text) or navigates(line.text):
            return self._put(at, why="unplaced")
        if len(text) > LONGEST_TITLE or line.bullet:
            self._untitled = True
            return None
        below = self._marks[at + 1].look if at + 1 < len(self._marks) else Look.TEXT
        if self._out.facts and not line.heading and below is not Look.TEXT and at != 0:
            placed = self._is(at - 1, Look.WHEN, Look.TIME)
            if placed or self._kind(at + 1) in ("contact", "phone", "email"):
                return None  # a place or a name among the facts
        self._out.title_first = not (self._out.facts or self._out.prose)
        return self._entitle(at, text, (line,))

    def _entitle(self, at: int, text: str, own: tuple[Line, ...]) -> int:
        """Take `text`, the last of whose lines is at `at`, with what plainly goes on below."""
        end = at + 1 if self._lines[at].heading else self._title_end(at)
        more = self._lines[at + 1 : end]
        for one in more:  # "- om haver" alone is no list
            text = f"{text} {'– ' if one.bullet else ''}{title_of(one)}"
        self._out.title = Fact("title", text, (*own, *more))
        return end

    def _head_text(self, at: int) -> int:
        line = self._lines[at]
        if greets(line.text) and not self._joined(at + 1):
            self._greeted += 1
            return self._put(at)
        if not any(character.isalnum() for character in line.text):
            return self._put(at, why="unplaced")  # a rule under the title
        alone = len(self._out.prose) == self._greeted
        if not self._out.facts and not self._out.teaser and alone:
            beside = self._is(at + 1, Look.WHEN, Look.TIME) and is_place_like(line.text)
            if (
                not line.bullet
                and not self._is_heading(at)
                and not (beside and self._names_town(line.text))
            ):
                return self._take_teaser(at)
        if self._takes_place(at):
            return at + 1
        if self._is_heading(at) or self._is_prose(at) or (line.bullet and self._out.title):
            self._section = Section.BODY
            return self._put(at, heading=self._is_heading(at))
        return self._put(at, why="unplaced")

    def _take_teaser(self, at: int) -> int:
        title = self._out.title
        told = tells(self._lines[at].text) or greets(self._lines[at].text)
        if title is not None and not told:
            self._out.headline = self._lines[at]
        while True:
            self._out.teaser.append(self._lines[at])
            at += 1
            if not (self._joined(at) and self._is(at, Look.TEXT)) or self._lines[at].bullet:
                return at
            if not any(character.isalnum() for character in self._lines[at].text):
                return at

    def _tail_text(self, at: int) -> int:
        line = self._lines[at]
        if self._is_heading(at) and (line.heading or self._joined(at + 1)):
            self._headed = True
            return self._put(at, heading=True)
        return self._put(at, why="" if self._headed else "unplaced")

    # --- facts ---

    def _label(self, at: int) -> int:
        mark, line = self._marks[at], self._lines[at]
        goes_on = mark.kind == "online" and self._title_end(at) > at + 1  # "Webinar:" stands alone
        if at == 0 and (mark.value or goes_on) and mark.kind in _TITLE_LIKE:
            return self._entitle(at, title_of(line), (line,))
        self._leave_programme()
        if mark.colon or mark.kind not in ("deadline", "registration"):
            self._headed = False
        if mark.kind == "title":
            return self._labelled_title(at)
        if mark.kind == "programme":
            return self._programme(at)
        if mark.kind == "next":
            return self._next_meeting(at)
        if mark.kind == "registration" and not mark.value and self._sets_limit(at + 1):
            self._fact("registration", self._lines[at + 1].text, line, self._lines[at + 1])
            return at + 2
        if mark.kind == "prose" or (mark.kind == "registration" and not mark.value):
            return self._prose_label(at)
        if mark.kind in ("place", "contact", "audience", "summary"):
            return _BLOCKS[mark.kind](self, at)
        if mark.value:
            self._fact(mark.kind, mark.value, line, left=mark.rest)
            return at + 1
        if mark.kind in _ONE_LINE and self._is_value(at + 1, mark.kind):
            self._fact(
                mark.kind, squeezed(plain(self._lines[at + 1].text)), line, self._lines[at + 1]
            )
            return self._place_below(at + 2) if mark.kind == "when_where" else at + 2
        return self._put(at, why="unplaced")

    def _place_below(self, at: int) -> int:
        """The lines of an address under the date that "Tid og sted" stands over."""
        end = at
        while self._joined(end) and self._is(end, Look.TEXT) and end - at < 6:
            text = self._lines[end].text
            if not (names_place(text) or directs(text) or has_town(text)):
                break
            end += 1
        if end > at:
            own = self._lines[at:end]
            parts = tuple(squeezed(plain(line.text)) for line in own)
            self._fact("place", "", *own, parts=parts)
        return end

    def _labelled_title(self, at: int) -> int:
        mark, lines = self._marks[at], [self._lines[at]]
        value = title_of(lines[0], mark.value)
        if not value and self._is(at + 1, Look.TEXT):
            lines.append(self._lines[at + 1])
            value = title_of(lines[1])
        if not value or self._out.title is not None or len(value) > LONGEST_TITLE:
            return self._put(at, why="unplaced")
        return self._entitle(at + len(lines) - 1, value, tuple(lines))

    def _programme(self, at: int) -> int:
        mark = self._marks[at]
        if not self._more_items(at):  # a programme without hours has no items: it is prose
            self._headed = True
            if self._section is Section.HEAD:
                self._section = Section.BODY
            return self._put(at, heading=not mark.value, why="no_items")
        self._section = Section.PROGRAMME
        if mark.value:
            below = look(evolve(self._lines[at], text=mark.value))
            if below.look in (Look.WHEN, Look.DAY):
                self._out.days.append(DayMark(self._lines[at], below))
                return at + 1
            return self._put(at, why="unplaced")
        return at + 1

    def _next_meeting(self, at: int) -> int:
        """The next meeting is another event: its date is prose here."""
        alone = not self._marks[at].value
        at = self._put(at, heading=alone)
        if self._section is Section.HEAD and "when" not in self._known:
            return at  # a newsletter: the first of them is the event
        while alone and at < len(self._lines) and not self._kind(at):
            at = self._put(at)
            if not self._joined(at):
                break
        return at

    def _prose_label(self, at: int) -> int:
        mark = self._marks[at]
        if self._section is Section.HEAD and self._out.facts and self._is(at + 1, Look.TEXT):
            self._section = Section.BODY
        if mark.value:
            return self._put(at)
        self._headed = True
        below = (
            self._joined(at + 1) and self._is(at + 1, Look.LABEL) and not self._marks[at + 1].colon
        )
        return self._put(at, heading=below or self._is(at + 1, Look.TEXT))

    def _audience(self, at: int) -> int:
        value = self._marks[at].value
        seats = read_capacity(value)
        if value and (value[0].isdigit() or (seats is not None and not seats[1])):
            self._fact("capacity", value, self._lines[at])
            return at + 1
        end = self._block_end(at, 40) if not value or self._lines_hang(at) else at + 1
        further = end
        while self._is(further, Look.TEXT) and is_place_like(self._lines[further].text):
            further += 1
        below = ("place", "room", "price", "deadline", "registration", "capacity")
        if (
            self._section is Section.TAIL and self._kind(further) in below
        ):  # a list with blank lines between
            end = further
        own = self._lines[at + 1 : end]
        if not value and not own:
            return self._put(at, why="unplaced")
        self._fact("audience", value, self._lines[at], *own)
        return end

    def _summary(self, at: int) -> int:
        value = self._marks[at].value
        end = at + 1 if value else self._block_end(at, 20)
        if self._out.teaser or (not value and end == at + 1):
            return self._put(at, why="unplaced")
        self._out.teaser += (
            [evolve(self._lines[at], text=value)] if value else self._lines[at + 1 : end]
        )
        return end

    def _place(self, at: int) -> int:
        """The address: to its postcode if one comes within six lines, else the first block."""
        value = self._marks[at].value
        if value and look(Line(0, value)).look in _NO_PLACE:  # "Fysisk deltagelse: 300 kr."
            return self._put(at, why="unplaced")
        end = at + 1
        if not has_town(value):
            end = self._address_end(at)
        own = self._lines[at + 1 : end]
        if not value and not own:
            return self._put(at, why="unplaced")
        texts = tuple(squeezed(plain(line.text)) for line in own)
        self._fact("place", value, self._lines[at], *own, parts=(value, *texts) if value else texts)
        return end

    def _contact(self, at: int) -> int:
        """Whom to ask: the value, or the short lines below it with their own labels."""
        mark = self._marks[at]
        if mark.value:
            self._fact("contact", mark.value, self._lines[at])
            return at + 1
        end = at + 1
        while self._is(end, Look.TEXT) and end - at <= 4 and (end == at + 1 or self._joined(end)):
            if self._is_heading(end) and self._joined(end + 1) and self._is_prose(end + 1):
                break
            if self._lines[end].bullet and not is_place_like(self._lines[end].text):
                break
            end += 1
        own = self._lines[at + 1 : end]
        if not own and self._kind(end) not in ("phone", "email", "web"):
            return self._put(at, heading=True, why="unplaced")
        self._fact("contact", "", self._lines[at], *own)
        return end

    def _signed(self, at: int) -> int:
        """The end of a letter: who wrote it is told as it stands, and is no title and no field."""
        if self._out.title is None:
            return self._text(at)
        self._leave_programme()
        end = self._signature_end(at)
        self._out.signature += self._lines[at:end]
        self._out.prose += (Piece(line) for line in self._lines[at:end])
        return end

    def _status(self, at: int) -> int:
        self._leave_programme()
        self._fact("status", self._marks[at].value, self._lines[at])
        return at + 1

    def _own_words(self, at: int) -> int:
        """A price or a number of seats, which needs no label."""
        self._leave_programme()
        self._fact(self._marks[at].kind, self._marks[at].value, self._lines[at])
        return at + 1

    def _unreadable(self, at: int) -> int:
        return self._put(at, why="unread")

    # --- programme ---

    def _when(self, at: int) -> int:
        mark = self._marks[at]
        if mark.kind == "led" and self._out.title is None:
            return self._text(at)
        going_on = self._section is Section.PROGRAMME and self._more_items(at)
        if self._is_day(at) or (going_on and mark.kind != "led"):
            self._section = Section.PROGRAMME
            self._headed = False
            self._out.days.append(DayMark(self._lines[at], mark))
            return at + 1
        if (mark.when is None and mark.span is None) or mark.kind == "led":
            return self._text(at)
        self._leave_programme()
        line = self._lines[at]
        if mark.number is not None:  # "Modul 1: 3. maj": what it is called is said nowhere else
            self._fact("when", mark.value, line, left="number")
        else:
            self._fact("when", squeezed(plain(line.text)), line)
        return at + 1

    def _time(self, at: int) -> int:
        mark, line, span = self._marks[at], self._lines[at], self._marks[at].span or Span(0)
        running = self._section is Section.PROGRAMME or bool(self._out.entries)
        if at == self._hours_at:
            self._fact("when", squeezed(plain(line.text)), line)
            return at + 1
        if mark.rest and not mark.certain and not (running and mark.value):
            return self._text(at)  # "Kl. 8 kører bussen" is a sentence
        self._section = Section.PROGRAMME
        self._headed = False
        title, title_line, below = title_of(line, mark.rest), line, at + 1
        columns = [squeezed(cell) for cell in _COLUMNS.split(plain(line.text)) if cell.strip()]
        beside: tuple[Line, ...] = ()
        if len(columns) > 2 and " ".join(columns[1:]) == title and not line.links:
            title = columns[1]
            beside = (evolve(line, text=" · ".join(columns[2:]), bullet=False),)
        if not title and self._is_item_title(below):
            title_line = self._lines[below]
            title = title_of(title_line)
            below += 1
        while title and self._goes_on(title, below):
            title = f"{title} {squeezed(plain(self._lines[below].text))}"
            below += 1
        end = self._item_end(below, elsewhere=_NEXT.match(title) is not None)
        self._out.entries.append(
            Entry(
                line,
                span,
                len(self._out.days) - 1 if self._out.days else None,
                title,
                title_line if title else None,
                (*beside, *self._lines[below:end]),
            )
        )
        return end


_NO_PLACE = (Look.PRICE, Look.CAPACITY, Look.WHEN, Look.TIME, Look.STATUS)
_COLUMNS = re.compile(r"\t+|\s{3,}")
_TITLE_LIKE = frozenset(
    "prose next contact place audience programme organiser online town registration room summary "
    "web".split()
)
"""Words that, on the first line, begin a title: "Webinar: Sådan læser du et regnskab"."""

_BLOCKS: Mapping[str, Callable[[_Walk, int], int]] = {
    "place": _Walk._place,
    "contact": _Walk._contact,
    "audience": _Walk._audience,
    "summary": _Walk._summary,
}
