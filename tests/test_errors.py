"""Every error says what it is, whose fault it is, and what to do."""

import re

import pytest

from pipeline import errors
from pipeline.errors import CorruptFile, DocumentError, EnvironmentFault, Fault, SignedFormsError, UsageFault

FAULTS = {DocumentError: Fault.DOCUMENT, EnvironmentFault: Fault.ENVIRONMENT, UsageFault: Fault.USAGE}
CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, SignedFormsError)]
LEAVES = [kind for kind in CLASSES if not kind.__subclasses__()]


def called(kind):
    return kind.__name__


@pytest.mark.parametrize("kind", LEAVES, ids=called)
def test_an_error_has_its_own_code_and_a_remedy_in_sentences(kind):
    assert re.fullmatch(r"[A-Z][A-Z_]+[A-Z]", kind.code)
    assert "code" in vars(kind)
    assert re.fullmatch(r"[A-Z].*\.", kind.remedy)


@pytest.mark.parametrize("kind", LEAVES, ids=called)
def test_an_error_belongs_to_whoever_is_at_fault(kind):
    (branch,) = (branch for branch in FAULTS if issubclass(kind, branch))
    assert kind.fault == FAULTS[branch]


def test_no_two_errors_share_a_code():
    codes = [kind.code for kind in CLASSES]
    assert len(set(codes)) == len(codes)


def test_the_tree_at_the_top_of_the_module_is_the_tree():
    drawn = re.findall(r"^[│ ]*[├└]── (\w+) +(?:([A-Z_]+)\b)?", errors.__doc__, re.MULTILINE)
    assert {(name, code) for name, code in drawn if name not in map(called, FAULTS)} == {
        (k.__name__, k.code) for k in LEAVES
    }
    assert [name for name, _ in drawn if name in map(called, FAULTS)] == [called(kind) for kind in FAULTS]


def test_an_error_reads_as_its_message_alone():
    assert str(CorruptFile("seven repairs")) == "seven repairs"
