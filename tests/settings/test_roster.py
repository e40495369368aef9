"""A roster is read with all that is wrong in it named by its place."""

import pytest

from flows.plan import Options, identify
from pipeline.errors import RosterInvalid
from pipeline.settings.roster import Person, read_roster, roster_digest


@pytest.fixture
def written(tmp_path):
    def write(text, name="roster.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("roster.csv", "name,role,office\n贺成才,主任,人大办\n王 涛,,\n"),
        ("roster.csv", "\ufeffoffice,name,role\n人大办,贺成才,主任\n\n,王涛,\n"),
        ("r.toml", '[[people]]\nname = "贺成才"\nrole = "主任"\noffice = "人大办"\n[[people]]\nname = "王涛"\n'),
    ],
    ids=["csv", "csv of a spreadsheet", "toml"],
)
def test_people_are_read_in_their_order(written, name, text):
    assert read_roster(written(text, name)) == (Person("贺成才", "主任", "人大办"), Person("王涛"))


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "姓名\n贺成才\n", "a.csv:1: the columns must be name"),
        ("a.csv", "", "a.csv:1: the columns must be name"),
        ("a.csv", "name,age\n贺成才,5\n", "a.csv:1: the columns must be name"),
        ("a.csv", "name,role\n贺成才,\n,主任\n", "a.csv:3: name: is missing"),
        ("a.csv", "name\n贺成才\n贺 成 才\n", "a.csv:3: '贺成才' is there twice"),
        ("a.csv", "name\n", "names nobody"),
        ("a.csv", b"name\n\xff\xfe\n", "is no UTF-8 text"),
        ("a.toml", "people = 3", "a.toml:1: people: must be a list, got 3"),
        (
            "a.toml",
            "[[people]]\nnam = 'x'",
            "a.toml:2: people[1]: unknown key 'nam' (did you mean 'name'?); known keys are name, office, role",
        ),
        ("a.toml", "[[people]]\nname = 3", "a.toml:2: people[1]: name: must be a string, got 3"),
        ("a.toml", "[[people]\n", "a.toml:1: Expected"),
        ("a.toml", "people = " + 5000 * "[", "a.toml:1: is nested deeper than 32 levels"),
        ("a.csv", "name\n" + 200_000 * "a", "a.csv:2: field larger than field limit"),
        ("a.csv", "name\n" + 201 * "a", "a.csv:2: name: has over 200 characters"),
        ("a.csv", 'name,role\n甲,"' + 99 * "乙,\n丙,", "a.csv:101: role: has over 200 characters"),
        ("a.csv", "name\na\0b", "a.csv:2: name: has over 200 characters, or a NUL among them: 'a\\x00b'"),
        ("a.toml", '[[people]]\nname = "a\\u0000"', "a.toml:2: people[1]: name: has over 200 characters, or a NUL"),
        ("a.toml", "[[people]]\nname = '甲'\n[[people]]\nname = '甲 '", "a.toml:3: people[2]: '甲' is there twice"),
        ("a.toml", "[[people]]\nrole = '主任'", "a.toml:1: people[1]: name: is missing"),
        ("a.toml", "", "names nobody"),
        ("a.csv", "name\n" + 2**22 * "a", "is larger than the 4194304 bytes allowed"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(written, name, text, message):
    with pytest.raises(RosterInvalid) as caught:
        read_roster(written(text, name))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("a.csv", "name,role\n,主任\n甲,\n乙,\n甲,\n" + 201 * "丙" + ",\n", (2, 5, 6)),
        ("a.toml", "[[people]]\nnam = '甲'\n[[people]]\nname = 3\n[[people]]\nname = '乙'\nage = 5\n", (2, 4, 7)),
    ],
)
def test_every_mistake_is_named_with_its_line(written, name, text, lines):
    path = written(text, name)
    with pytest.raises(RosterInvalid) as caught:
        read_roster(path)
    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [f"{path}:{line}" for line in lines]


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(RosterInvalid, match="cannot be read"):
        read_roster(tmp_path / "none.csv")


def test_the_digest_is_of_the_people_not_of_the_file(written):
    one = read_roster(written("name\n贺成才\n", "one.csv"))
    same = read_roster(written("[[people]]\nname = '贺成才'\n", "two.toml"))
    other = read_roster(written("name\n王涛\n", "three.csv"))
    assert roster_digest(one) == roster_digest(same) != roster_digest(other)


def test_who_is_on_the_roster_counts_for_what_has_landed_and_its_place_does_not(written, tmp_path):
    def identity(people, name):
        written(people, name)
        settings = tmp_path / f"{name}.toml"
        settings.write_text(f'[signature]\nroster = "{name}"\n', encoding="utf-8")
        return identify(Options(settings)).settings_sha256

    one = identity("name\n贺成才", "a.csv")
    assert one == identity("name\n贺成才", "b.csv")
    assert one != identity("name\n王涛", "c.csv")
    assert one != identify(Options(None)).settings_sha256


def test_a_roster_that_is_wrong_starts_nothing(written, tmp_path):
    written("nobody\n", "a.csv")
    settings = tmp_path / "s.toml"
    settings.write_text('[signature]\nroster = "a.csv"\n', encoding="utf-8")
    with pytest.raises(RosterInvalid):
        identify(Options(settings))
