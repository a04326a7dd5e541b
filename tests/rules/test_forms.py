"""What a form may say: who people are, answers, and numbers that nobody may write."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from hypothesis import given

from eventkit import testing
from eventkit.model.registration import Signup
from eventkit.model.values import Answer, Invoice, Person, Question, Role
from eventkit.rules import forms

ANNE = Person(name="Anne Ærø", email="anne@x.dk")
DIET = Question(key="diet", text="Er der mad, du ikke kan spise?", sensitive=True)


# --- who it is -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (ANNE, Person(name="ANNE  ÆRØ", email="Anne@X.dk"), True),
        (ANNE, Person(name="Anne A\N{COMBINING RING ABOVE}", email="anne@x.dk"), False),
        (
            Person(name="Anne Å", email="a@x.dk"),
            Person(name="Anne A\N{COMBINING RING ABOVE}", email="a@x.dk"),
            True,
        ),
        (ANNE, Person(name="Bo", email="anne@x.dk"), False),
        (ANNE, Person(name="Anne Ærø", email="bo@x.dk"), False),
        (ANNE, Person(name="Anne Ærø", email="anne@x.dk", phone="12345678"), True),
    ],
)
def test_a_person_is_an_address_and_a_name(one: Person, other: Person, same: bool) -> None:
    """However they are spaced, capitalised or composed."""
    assert (forms.identity(one) == forms.identity(other)) is same


def test_without_an_address_one_is_known_by_the_bookers() -> None:
    """And without that either, by nothing."""
    bo = Person(name="Bo")
    assert forms.identity(bo) == ""
    assert forms.identity(bo, ANNE) == forms.identity(Person(name="bo", email="anne@x.dk"))
    assert forms.identity(Person(name="Bo", email="bo@x.dk"), ANNE) != forms.identity(bo, ANNE)


def test_the_first_books_for_the_others() -> None:
    """Unless somebody else does, among them or not."""
    bo, chef = Person(name="Bo"), Person(name="Chef", email="chef@x.dk")
    assert forms.bookers(Signup(people=[ANNE, bo], key="k")) == (None, ANNE)
    assert forms.bookers(Signup(people=[bo, ANNE], key="k", booker=ANNE)) == (ANNE, None)
    assert forms.bookers(Signup(people=[ANNE, bo], key="k", booker=chef)) == (chef, chef)


@given(testing.signups(), testing.signups())
def test_a_digest_is_that_of_what_was_said(one: Signup, other: Signup) -> None:
    """The key and the language are not part of it; everything else is."""
    same = evolve(one, key="another", language="en")
    assert forms.digest(one, Role.PARTICIPANT, None) == forms.digest(same, Role.PARTICIPANT, None)
    assert forms.digest(one, Role.SPEAKER, None) != forms.digest(one, Role.PARTICIPANT, None)
    if evolve(other, key=one.key, language=one.language) != one or other.answers != one.answers:
        assert forms.digest(one, Role.HOST, "a") != forms.digest(other, Role.HOST, "a")


def test_the_order_in_which_a_form_was_read_does_not_matter() -> None:
    """Answers are told apart by their questions, so a browser may send them as it likes."""
    one, other = (
        Signup(people=[ANNE], key="k", answers=[dict(pairs)])
        for pairs in ([("a", 1), ("b", 2)], [("b", 2), ("a", 1)])
    )
    assert forms.digest(one, Role.HOST, None) == forms.digest(other, Role.HOST, None)


@pytest.mark.parametrize(
    ("people", "booker", "paths"),
    [
        ([ANNE, Person(name="Bo"), Person(name="bo")], None, ["people[2].name"]),
        ([Person(name="Bo"), Person(name="Bo")], ANNE, ["people[1].name"]),
        ([ANNE, ANNE, ANNE], None, ["people[1].name", "people[2].name"]),
        ([Person(name="Bo"), Person(name="Bo")], None, []),
        ([ANNE, Person(name="Bo"), Person(name="Bo", email="bo@x.dk")], None, []),
    ],
)
def test_nobody_stands_twice_in_one_form(
    people: list[Person], booker: Person | None, paths: list[str]
) -> None:
    """Colleagues without an address are known by the booker's; without any they are two guests."""
    signup = Signup(people=people, key="k", booker=booker)
    found = list(forms.twice(signup.people, forms.bookers(signup)))
    assert [(reason.code, reason.data["path"]) for reason in found] == [
        ("twice_in_party", path) for path in paths
    ]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", False),
        ("Anne Ærø bad om det", True),
        ("bad om det: ANNE   ÆRØ", True),
        ("se brev til Anne@X.dk", True),
        ("ring 12 34 56 78", True),
        ("ring 12345678", False),
        ("Anne bad om det", False),
        ("efter ønske", False),
    ],
)
def test_a_text_names_somebody(text: str, named: bool) -> None:
    """By name, address or number, however written; what a person has not got names nobody."""
    assert forms.mentions(text, evolve(ANNE, phone="12 34 56 78")) is named
    assert not forms.mentions(text, Person(name="Bo"))


# --- answers ---------------------------------------------------------------------------------


def told(question: Question, given: Any, **more: Any) -> list[tuple[str, str]]:
    answers = {question.key: given, **more}
    found = forms.answer_faults(
        Signup(people=[ANNE], key="k", answers=[answers]).answers[0], [question], "a", "Anne"
    )
    return [(reason.code, reason.data["path"]) for reason in found]


def question(answer: Answer, *options: str, required: bool = False) -> Question:
    return Question(key="q", text="Hvad?", answer=answer, options=options, required=required)


@pytest.mark.parametrize(
    ("asked", "given", "codes"),
    [
        (question(Answer.TEXT), "Alt", []),
        (question(Answer.TEXT), 5, ["answer_wrong"]),
        (question(Answer.TEXT), "x" * 1000, []),
        (question(Answer.TEXT), "x" * 1001, ["answer_wrong"]),
        (question(Answer.TEXT), "", []),
        (question(Answer.TEXT, required=True), " ", ["answer_missing"]),
        (question(Answer.TEXT, required=True), None, ["answer_missing"]),
        (question(Answer.CHOICE, "a", "b"), "a", []),
        (question(Answer.CHOICE, "a", "b"), "c", ["answer_wrong"]),
        (question(Answer.CHOICE, "a", "b"), ["a"], ["answer_wrong"]),
        (question(Answer.SEVERAL, "a", "b"), ["b", "a"], []),
        (question(Answer.SEVERAL, "a", "b"), ["a", "a"], ["answer_wrong"]),
        (question(Answer.SEVERAL, "a", "b"), ["a", "c"], ["answer_wrong"]),
        (question(Answer.SEVERAL, "a", "b"), "a", ["answer_wrong"]),
        (question(Answer.SEVERAL, "a", "b", required=True), [], ["answer_missing"]),
        (question(Answer.YES_NO), False, []),
        (question(Answer.YES_NO, required=True), False, []),
        (question(Answer.YES_NO), "ja", ["answer_wrong"]),
        (question(Answer.YES_NO), 1, ["answer_wrong"]),
    ],
)
def test_an_answer_has_the_form_its_question_asks_for(
    asked: Question, given: Any, codes: list[str]
) -> None:
    """And a required one says something; no is an answer."""
    assert told(asked, given) == [(code, "a.q") for code in codes]


def test_a_question_that_nobody_asked_is_not_answered() -> None:
    """Neither is a consent to what is not sensitive."""
    asked = question(Answer.TEXT)
    assert told(asked, "x", y="z") == [("unknown_question", "a.y")]
    assert told(asked, "x", **{"q.consent": True}) == [("unknown_question", "a.q.consent")]


@pytest.mark.parametrize("consent", [None, False, "ja", 1])
def test_a_sensitive_answer_needs_consent(consent: Any) -> None:
    """Given for that answer, and plainly; without an answer there is nothing to consent to."""
    missing = [("consent_missing", "a.diet.consent")]
    assert told(DIET, "Nødder", **{"diet.consent": consent}) == missing
    assert told(DIET, "Nødder", **{"diet.consent": True}) == []
    assert told(DIET, "") == []


# --- addresses and CPR numbers ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "good"),
    [
        ("anne@x.dk", True),
        ("søren.ærø@bolig-forening.dk", True),
        ("anne", False),
        ("anne@x", False),
        ("anne@@x.dk", False),
        ("anne@x.dk, bo@x.dk", False),
        ("Anne <anne@x.dk>", False),
        ("anne@x.dk.", False),
        ("anne@x..dk", False),
        ("anne@.dk", False),
        ("anne@post.bolig.dk", True),
        ("a.b+c@bolig-ærø.dk", True),
        ("o'brien@x.ie", True),
        ("anne@x.dk(y)", False),  # which mail programs read as a comment
        ("anne(y)@x.dk", False),
        ('"anne"@x.dk', False),
        ("an\\ne@x.dk", False),
        ("anne@[1.2.3.4]", False),
        ("anne[1]@x.dk", False),
        ("mailto:anne@x.dk", False),
        ("anne@x.dk:25", False),
    ],
)
def test_an_address_is_one_that_mail_can_go_to(email: str, good: bool) -> None:
    """One of them, and nothing else."""
    found = list(forms.person_faults(Person(name="A", email=email), "p"))
    assert [reason.code for reason in found] == ([] if good else ["email_wrong"])


@pytest.mark.parametrize("name", ["\u200b\u200b", "\u3164", "\u2060 \ufeff", "\u00ad", "A\u200d"])
def test_a_name_that_nobody_sees_is_asked_for(name: str) -> None:
    """Whoever is called so would be an empty line in every list."""
    codes = [(one.code, one.data) for one in forms.person_faults(Person(name=name), "people[0]")]
    assert codes == ([] if "A" in name else [("name_missing", {"path": "people[0].name"})])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("010190-1234", True),
        ("cpr: 0101901234.", True),
        ("010190 1234", True),
        ("010190 – 1234", True),
        ("290200-1234", True),
        ("290201-1234", True),  # 29 February of another century
        ("610190-1234", True),  # a replacement number
        ("890201-1234", True),  # one for 29 February of another century
        ("600190-1234", False),
        ("300201-1234", False),
        ("900201-1234", False),
        ("010190.1234", True),
        ("010190/1234", True),
        ("01.01.90-1234", True),
        ("01-01-90-1234", True),
        ("010190\u00ad-1234", True),
        ("010190-\u200b1234", True),
        ("320190-1234", False),
        ("011390-1234", False),
        ("310490-1234", False),
        ("12 34 56 78", False),
        ("33762000", False),
        ("+4533762000", False),
        ("5790000000001", False),
        ("010190-12345", False),
        ("1010190-1234", False),
        ("21.04.2022 kl. 10.15", False),
    ],
)
def test_what_has_the_shape_of_a_cpr_number(text: str, found: bool) -> None:
    """Six digits that are a date, and four more."""
    assert forms.has_cpr(text) is found


def test_a_telephone_number_or_reference_of_ten_digits_is_none() -> None:
    """There only the hyphen tells."""
    assert not forms.has_cpr("0101901234", bare=False)
    assert forms.has_cpr("010190-1234", bare=False)
    assert not list(forms.person_faults(Person(name="A", phone="0101901234"), "p"))
    assert not list(forms.invoice_faults(Invoice(reference="0101901234"), "i"))


@pytest.mark.parametrize(
    ("signup", "path"),
    [
        ({"people": [Person(name="Bo 010190-1234", email="a@x.dk")]}, "people[0].name"),
        ({"people": [evolve(ANNE, organisation="010190-1234")]}, "people[0].organisation"),
        ({"people": [evolve(ANNE, phone="010190-1234")]}, "people[0].phone"),
        ({"people": [ANNE], "answers": [{"diet": "0101901234", "diet.consent": True}]}, "diet"),
        ({"people": [ANNE], "invoice": Invoice(reference="010190-1234")}, "invoice.reference"),
        ({"people": [ANNE], "booker": Person(name="010190-1234", email="b@x.dk")}, "booker.name"),
    ],
)
def test_no_text_of_a_form_holds_a_cpr_number(signup: dict[str, Any], path: str) -> None:
    """Wherever it stands; the reason says where, and does not repeat it."""
    event = evolve(testing.sample(), questions=[DIET])
    found = list(forms.faults(Signup(key="k", **signup), event, reachable=True))
    assert [reason.code for reason in found] == ["cpr"]
    assert found[0].data["path"].endswith(path)
    assert "1234" not in str(found[0].data)
