"""Ways into an online meeting: found in any text and cut out of it, for those who attend only.

A way in is an address at the host of a meeting service, however it is written or wrapped, and what
does the same without one: the number of a meeting, its passcode, a telephone number that dials
both. The name of a service, or of its host, gives nothing away and stays.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html import unescape
from string import ascii_letters, digits
from urllib.parse import parse_qs, unquote, urlsplit

from attrs import Factory, define, frozen

from eventkit.model.values import LINE_LENGTH

CUT = "…"
"""What stands where a way in stood."""

PROVIDERS = {
    "teams.microsoft.com": "Teams",
    "teams.live.com": "Teams",
    "teams.microsoft.us": "Teams",
    "teams.cloud.microsoft": "Teams",
    "meet.google.com": "Google Meet",
    "hangouts.google.com": "Google Meet",
    "tel.meet": "Google Meet",
    "zoom.us": "Zoom",
    "zoom.com": "Zoom",
    "zoomgov.com": "Zoom",
    "webex.com": "Webex",
    "whereby.com": "Whereby",
    "meet.jit.si": "Jitsi Meet",
    "8x8.vc": "Jitsi Meet",
    "gotomeeting.com": "GoTo Meeting",
    "gotomeet.me": "GoTo Meeting",
    "gotowebinar.com": "GoTo Webinar",
    "goto.com": "GoTo Meeting",
    "skype.com": "Skype",
    "lync.com": "Skype",
    "vdx.dk": "VDX",
    "bluejeans.com": "BlueJeans",
    "adobeconnect.com": "Adobe Connect",
    "livestorm.co": "Livestorm",
    "join.me": "join.me",
}
"""Hosts whose addresses lead into meetings, with all that is below them."""


@frozen
class Cut:
    """What everybody may read of a text, and what was cut out of it.

    `links` are addresses as they stood, "" for one that nobody took the time to read; `codes` are
    whole lines that held a number or a passcode.
    """

    text: str
    links: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def provider(address: str) -> str:
    """The service that `address` leads to, or ""."""
    match = _LEADS.search(_plainly(address))
    return "" if match is None else PROVIDERS[match[1]]


def as_link(address: str) -> str:
    """An address cut out of a text as a link; "" where only a program can follow it."""
    match = re.search(r"https?://", address.partition("?")[0], re.IGNORECASE)
    address = address[match.start() if match is not None else 0 :].replace("&amp;", "&")
    if address and "://" not in address.partition("?")[0]:
        address = f"https://{address}"
    address = _unwrapped(_INVISIBLE.sub("", address))
    return address if _LINK.fullmatch(address) and len(address) <= LINE_LENGTH else ""


def as_secret(url: str) -> str:
    """What of an address no text may hold: without its scheme, where there is more than a host."""
    plain = _plainly(url).strip().rstrip("/")
    _, _, rest = plain.partition("://")
    return rest if "/" in rest or "?" in rest else plain


def trimmed(text: str) -> str:
    """A title or another short text without the gaps that a way in left at its ends."""
    return _AT_ENDS.sub("", text).strip()


def _unwrapped(address: str) -> str:
    """The address that a mail filter or a search engine wrapped in one of its own."""
    try:
        query = parse_qs(urlsplit(address).query)
    except ValueError:
        return address
    inside = [value for name in ("url", "q") for value in query.get(name, ())]
    return next((one for one in inside if _LINK.fullmatch(one) and provider(one)), address)


# --- addresses -------------------------------------------------------------------------------

# The name of a host alone gives nothing away; one with a path does.
_LEADS = re.compile(
    rf"(?<![^\W_])(?<!-)({'|'.join(map(re.escape, PROVIDERS))})\.?(?::\d+)?[/\\?#]+[^\s/]",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)
_SUSPECT = re.compile(r"[/\\?#%&]|[^\x00-\x7f]")
_WORD = re.compile(r"(?:(?![,;|]https?:)[^\s<>])+", re.IGNORECASE)
_BEGINS = re.compile(r"[a-z][a-z0-9+.-]{1,20}:[/\\]|www\.", re.IGNORECASE)
_INVISIBLE = re.compile("[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_LABELLED = re.compile(rf"\[([^\[\]\n]*)\]\({CUT}\)")
_AT_ENDS = re.compile(rf"^[<(\[]?{CUT}[>)\]]?[\s,;:|/–-]*|[\s,;:|/–-]*[<(\[]?{CUT}[>)\]]?$")
_OF_HOST = f"{ascii_letters}{digits}.-"
_AFTER = ".,;:!?)]'\""
"""What ends a sentence, not an address."""

_PATIENCE = 20_000


def _plainly(text: str) -> str:
    """`text` as a browser understands an address, however often it was wrapped in another."""
    for _ in range(4):
        clearer = unescape(unquote(text)) if "%" in text or "&" in text else text
        if clearer == text:
            break
        text = clearer
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
    return text.replace("\\.", ".").casefold()


# --- codes -----------------------------------------------------------------------------------

_NUMBER = r"\d(?:[ \xa0-]{0,2}\d){8,}(?:\s?\#)?"
_OF_MEETING = (
    r"(?:møde(?:ts|t)?|meeting|webinar|video|zoom|teams|webex|(?:telefon)?konference"
    r"|(?:phone )?conference)"
)
_CODES = (
    # a telephone that dials the code itself
    r"\+?\d[\d ()\xa0-]{6,20},{2,}(?:[\d,#* ]{2,}[\d#]|[^\s,;()]{3,40}\#?)",
    r"(?<![\w.])\d{9,14}(?:\.\d{1,10})?@[\w-]{1,60}(?:\.[\w-]{1,60}){1,4}",  # a video telephone
    rf"(?P<a>{_OF_MEETING}[ -]?(?:id|kode|code|number|nummer|nr\.?)\b[^\w\n]{{0,4}}(?:er |is )?)"
    rf"(?:{_NUMBER}|[a-z]{{3}}-[a-z]{{4}}-[a-z]{{3}}\b)",
)
_ALONE = re.compile("|".join(_CODES), re.IGNORECASE)
"""What can be nothing but a way in."""

_HINT = re.compile(r"\d[\d \xa0.,()#*-]{5}|[a-z]-[a-z]{4}-", re.IGNORECASE)
"""What each of them has, cheaper to look for."""

_NAMED = (
    r"(?:(?:møde|meeting|webinar)[ -]?id|(?:møde|meeting|webinar)?[ -]?"
    r"(?:(?:adgangs|sikkerheds|deltager|pin-?)?kode(?:n|ord(?:et)?)?|pass(?:code|word|ord))"
    r"|pin|access code|tenant key|lejernøgle)"
)
_BESIDE = re.compile(
    "|".join(
        (
            *_CODES,
            rf"(?P<e>{CUT}\s{{1,2}}){_NUMBER}",  # a link that was written with spaces
            rf"(?P<b>(?<!\w)id\b\s?[:=]?\s*){_NUMBER.replace('-', '')}",
            r"(?P<c>\b(?:ring|kald|dial|call)\w*\b[^\d\n]{0,30})"
            r"\+?\d[\d ()-]{6,20}[^\d\n]{0,40}\d[\d ]*\#",
            rf"(?P<d>(?<![\w-]){_NAMED}\b(?:\s?\([^()\n]{{0,30}}\)|\s(?:til|for|to)\s{_OF_MEETING}\w*)?"
            r"(?:\s?[:=]\s*|\s(?:(?:er|is)\s)?(?=\S*\d)))"
            r"(?:\d[\d \xa0-]{2,20}\d(?:\s?\#)?|[^\s,;()]{3,60})",
            rf"(?P<f>(?<![\w-]){_NAMED}\s(?:er|is):?\s+)[^\s,;.!?()]{{3,60}}(?=[,.!]|$)",
        )
    ),
    re.IGNORECASE,
)
"""What is one beside a link or another code. "ID: 21-374" may stand there too, and is none."""

_WORDS = (
    r"(?:(?:\w{0,20}møde|meeting|webinar|video|konference|teams|zoom|webex|adgangs|sikkerheds"
    r"|deltager|login|log-?ind|værts?)?-?(?:adgangs|pin-?)?kode(?:n|ord(?:et)?)?"
    r"|(?:meeting )?pass(?:code|word|ord)(?:en|et|s)?|(?:access|meeting|conference) code"
    r"|pin(?:nen)?"
    r"|tenant key|lejernøgle)"
)
_IDS = (
    r"(?:(?:\w{0,20}møde(?:ts)?|meeting|webinar|video|zoom|teams|webex|(?:telefon)?konference"
    r"|(?:phone )?conference)[ -]?id(?:['’]et)?)"
)
_NUMBERS = (
    r"(?:(?:\w{0,20}møde|meeting|webinar|(?:telefon)?konference)[ -]?(?:nummer|number|nr\.?))"
    r"(?=\s*\([^()\n]{0,30}(?:kode|code|pass)|\W{0,4}\d(?:[ \xa0-]?\d){5,})"
)
_SAYS = re.compile(rf"(?<![\w-])(?:{_WORDS}|{_IDS}|{_NUMBERS})(?![\w-])", re.IGNORECASE)
"""Words for what lets one in; where there is a meeting, what says one of them is cut."""

_HARMLESS = re.compile(
    r"\s?(?:(?:til|for|to)\s(?:møde\w*|webinar\w*|linket)\s)?(?:(?:og|eller|samt)\s(?:link|id)\w*\s)?"
    r"(?:(?:er|bliver|vil blive|skal|is|will be)\s)?"
    r"(?:(?:ud|til|efter)?sen(?:des|dt|der|t)|mailes|kommer|får|følger|findes|oplyses|udleveres|står"
    r"|fremgår|modtage[rs]?|på (?:mail|sms|bagsiden|skærmen|en)"
    r"|i (?:kalenderen?|mailen|invitationen)"
    r"|fra (?:mail|indkaldelse|invitation)\w*|via (?:mail|sms)|in the|sent|by (?:e-?)?mail)\b",
    re.IGNORECASE,
)
"""What may follow such a word where no code does: that it is sent."""

_ELSEWHERE = re.compile(
    r"\s(?:til|for)\s(?:det\s)?(?:wi-?fi|trådløse? net\w*|internet\w*|døren|porten)\b",
    re.IGNORECASE,
)
"""What else has a code."""

_LABEL = re.compile(
    rf"[^\w\n]*(?:{_WORDS}|{_IDS}|(?P<number>(?:\w{{0,20}}møde|meeting)[ -]?(?:nummer|number)))"
    r"(?:\s?\([^()\n]{0,30}\))?(?:\s(?:til|for|to)\s\w{1,20}(?:\s\w{1,12})?)?\s?(?::|\b(?:er|is):?)?\W*",
    re.IGNORECASE,
)
"""A label whose value stands on the line below."""

_MEETS = re.compile(
    r"\b(?:(?:[Mm]icrosoft|MS|ms|[Vv]ia|[Pp]å|[Oo]ver|[Pp]er) teams|Teams|TEAMS"
    r"|[Zz]oom|ZOOM|[Ww]eb[Ee]x"
    r"|[Gg]oogle [Mm]eet|[Ss]kype|[Gg]o[Tt]o ?(?:[Mm]eeting|[Ww]ebinar)|[Ww]hereby|[Jj]itsi"
    r"|[Ww]ebinar(?:et)?|[Vv]ideo(?:møde|konference)[tn]?|[Oo]nline-?møde[t]?|[Ff]jernmøde[t]?)\b"
    r"|(?i:(?<![\w-])\w{0,20}møde(?:adgangs)?-?kode(?:n|ord)?\b|(?<![\w-])\w{0,20}møde-id\b"
    r"|(?<![\w-])(?:meeting|webinar|zoom|webex)[ -](?:id|code|passcode)\b)",
)
"""Words that say of themselves that there is a meeting: a provider's name, or a code of one."""

NEAR = 8
"""How many lines from a way in a mere number is still about the meeting."""


@define
class Ways:
    """Cuts the ways into a meeting out of texts.

    `secrets` are addresses (see `as_secret`) that lead into it whatever their host is; `meets` says
    that a way in is known to stand elsewhere, so that a passcode may be its.
    """

    secrets: tuple[str, ...] = ()
    meets: bool = False
    _patience: Iterator[int] = Factory(lambda: iter(range(_PATIENCE)))
    """Runs out where a file is nothing but links; then a word that may be one is cut unread."""

    def knowing(self, secrets: Iterable[str], *, meets: bool) -> Ways:
        """These ways with `secrets` of their own and the same patience."""
        return Ways(tuple(secrets), meets, self._patience)

    def cut(self, text: str) -> Cut:
        """`text` without them; a line with nothing else in it goes."""
        if not self.in_text(text):
            return Cut(text)
        source = text.split("\n")
        found = self.lines(source)
        if all(one.text == line for one, line in zip(found, source, strict=True)):
            return Cut(text)
        kept = [one.text for one, line in zip(found, source, strict=True) if one.text or not line]
        return Cut(
            "\n".join(kept).strip(),
            tuple(link for one in found for link in one.links),
            tuple(code for one in found for code in one.codes),
        )

    def lines(self, lines: Sequence[str]) -> list[Cut]:
        """Each of `lines` without them, "" where nothing is left.

        The rest of an address that was broken over lines goes with its beginning.
        """
        found = [self._cut_links(line) for line in self._whole(lines)]
        meets = self.meets or any(one.links or _meets(one.text) for one in found)
        beside = [False] * len(found)
        for order in (range(len(found)), range(len(found) - 1, -1, -1)):
            last = -2 * len(found) - NEAR
            for index in order:
                one = found[index]
                if one.links or _is_alone(_visible(one.text)):
                    last = index
                beside[index] = beside[index] or abs(index - last) <= NEAR
        found = [
            _cut_codes(one, line) if one.text and near else one
            for one, line, near in zip(found, lines, beside, strict=True)
        ]
        if meets or any(beside):
            found = list(_cut_said(found, lines))
        return found

    def in_text(self, text: str) -> bool:
        """Whether `text` may hold one."""
        if self._leads(_plainly(text)):
            return True
        shown = _visible(text)
        return _is_alone(shown) or self.meets or _meets(shown)

    def _leads(self, plain: str) -> bool:
        return _LEADS.search(plain) is not None or any(one in plain for one in self.secrets)

    def _whole(self, lines: Sequence[str]) -> list[str]:
        """The lines, an address that was broken by the width of a mail in one piece."""
        whole = list(lines)
        for index in range(len(whole) - 1):
            if whole[index + 1] and self._leads(_plainly(whole[index])):
                for below in range(index + 1, min(index + 7, len(whole))):
                    rest = _rest_of_link(whole[index], whole[below])
                    if not rest:
                        break
                    whole[index] = whole[index].rstrip() + rest
                    whole[below] = whole[below].strip()[len(rest) :].strip()
                    if whole[below]:
                        break
        return whole

    def _cut_links(self, line: str) -> Cut:
        if not self._leads(_plainly(line)):
            return Cut(line)
        links: list[str] = []
        left = _WORD.sub(lambda word: self._without(word[0], links), line)
        if left == line:
            return Cut(line)
        left = _LABELLED.sub(r"\1", left.replace(f"<{CUT}>", CUT))
        return Cut(left if re.search(r"\w", left) else "", tuple(links))

    def _without(self, word: str, links: list[str]) -> str:
        if not self.secrets and not _SUSPECT.search(word):
            return word
        if next(self._patience, None) is None:
            links.extend(() if links else ("",))
            return CUT
        if not self._leads(_plainly(word)):
            return word
        begins = [match.start() for match in (_BEGINS.search(word),) if match is not None]
        host = _LEADS.search(word)
        if host is not None:
            begins.append(len(word[: host.start()].rstrip(_OF_HOST)))
        index = min(begins, default=0)
        address = word[index:].rstrip(_AFTER)
        links.append(address)
        return f"{word[:index]}{CUT}{word[index + len(address) :]}"


def _is_alone(text: str) -> bool:
    return _HINT.search(text) is not None and _ALONE.search(text) is not None


def _visible(text: str) -> str:
    return text if text.isascii() else _INVISIBLE.sub("", text)


_TAIL = re.compile(r"[^\s<>]*>?")


def _rest_of_link(line: str, below: str) -> str:
    """The beginning of `below` that goes on with the address at the end of `line`; "" if none."""
    last = line.rstrip().rsplit(maxsplit=1)[-1] if line.strip() else ""
    below = below.strip()
    first = _TAIL.match(below)
    rest = first[0] if first is not None else ""
    if not rest or _BEGINS.match(rest) or not re.search(r"[/?]", last):
        return ""
    if "<" in last and ">" not in last.rpartition("<")[2]:
        return rest if rest.endswith(">") or rest == below else ""
    broken = len(line) >= 60 and rest == below and re.search(r"[%=&/?_~\d]", rest) is not None
    return rest if broken and last[-1] not in _AFTER + ">" else ""


def _meets(text: str) -> bool:
    return _MEETS.search(text) is not None


def _cut_codes(one: Cut, source: str) -> Cut:
    """`one` without the codes in it: a line that is nothing else goes, a sentence loses them."""
    text = _visible(one.text)

    def without(match: re.Match[str]) -> str:
        return "".join(filter(None, match.groups())) + CUT

    left = _BESIDE.sub(without, text)
    if left == text:
        return one
    bare = _BESIDE.sub("", text)
    return Cut(left if re.search(r"\w", bare) else "", one.links, (*one.codes, source))


def _cut_said(found: Sequence[Cut], source: Sequence[str]) -> Iterator[Cut]:
    """`found` without what words call a code, whatever it looks like, beside them or below."""
    below = 0  # labels whose values are still to come
    texts = [_visible(one.text) for one in found]
    for index, (one, line) in enumerate(zip(found, source, strict=True)):
        text = texts[index]
        if _heads_code(texts, index):
            below += 1
            yield Cut("", one.links, (line,))
        elif below and text and _is_value(text):
            below -= 1
            yield Cut("", one.links, (line,))
        elif text and _SAYS.search(text):
            below = 0
            told = _cut_codes(one, line) if _SAYS.search(text) else one
            left = _without_sentences(_visible(told.text))
            cut = left != _visible(told.text)
            yield Cut(left, one.links, told.codes or (line,)) if cut or told.codes else one
        else:
            below = below if not text else 0
            yield one


def _heads_code(texts: Sequence[str], index: int) -> bool:
    """Whether the line at `index` is a label over a code; "Mødenummer" may be over any number."""
    found = _LABEL.fullmatch(texts[index]) if len(texts[index]) <= 200 else None
    if found is None or found["number"] is None:
        return found is not None
    value = next(filter(None, texts[index + 1 : index + 4]), "")
    return re.match(r"\d(?:[ \xa0-]?\d){5,}", value) is not None


def _is_value(text: str) -> bool:
    """Whether the line below "Adgangskode" may be one: short, and no sentence and no label."""
    words = text.count(" ") + 1
    short = len(text) <= 60 and (words <= 3 or re.search(r"\d", text) is not None)
    label = re.match(r"[^\W\d][\w ./-]{1,30}:(?:\s|$)", text) is not None
    return short and not label and not text.endswith("?") and _HARMLESS.match(text) is None


_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-ZÆØÅ])")
_ITEM = re.compile(r"\s*(?:kl\.?\s*)?\d{1,2}[.:]\d\d\b", re.IGNORECASE)


def _without_sentences(text: str) -> str:
    """`text` less each sentence in which something may be a code; "" where nothing is left."""
    kept: list[str] = []
    asked = False  # the sentence before said that a code follows
    for sentence in _SENTENCES.split(text):
        says = list(_SAYS.finditer(sentence))
        if not (asked or any(_gives(sentence, said) for said in says)):
            kept.append(sentence)
            continue
        item = _ITEM.match(sentence)  # the hours of an item are no code, nor what precedes it
        head = sentence[: says[0].start()] if item and says else ""
        kept.append(f"{head.rstrip(' ,(–-')} {CUT}" if head else CUT)
        asked = not asked and _LABEL.fullmatch(sentence[says[-1].start() :]) is not None
    left = " ".join(kept)
    return left if re.search(r"\w", left) else ""


_AFTER_CODE = re.compile(rf"\s*(?:$|[,.;!?):{CUT}]|(?:og |and )?{_SAYS.pattern})", re.IGNORECASE)


def _gives(sentence: str, said: re.Match[str]) -> bool:
    """Whether a code may stand beside the word that is `said`."""
    after = sentence[said.end() :]
    if _ELSEWHERE.match(after):
        return False
    told = re.match(rf"(?:\s?\([^()\n]{{0,30}}\))?[^\w\n]*(?:er |is )?[^\w\n]*{CUT}", after)
    if told is not None:  # it is cut already, and what follows is a code too, or goes on with it
        more = after[told.end() :]
        ends = _AFTER_CODE.match(more)
        return ends is None or re.search(r"\d|[\"“”»]", more) is not None
    return _HARMLESS.match(after) is None or re.search(r"\d|[\"“”»]", after) is not None
