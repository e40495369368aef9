"""What is made in a folder is its owner's alone, whatever the umask, and no link in it leads anywhere."""

import os
import stat
import struct
from pathlib import Path

import pytest

from pipeline.errors import OutputUnsafe
from pipeline.files.folders import make_folder, open_folder, readers_of, too_open

UMASKS = [0o000, 0o022, 0o077, 0o177]
MODES = [("owner", 0o700, 0o600), ("group", 0o750, 0o640), ("all", 0o755, 0o644)]
STRANGER = 4711
"""A user id that nobody has."""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture(params=UMASKS, ids=lambda umask: f"umask {umask:03o}")
def any_umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def folder(tmp_path):
    with open_folder(tmp_path) as folder:
        yield folder


def mode(path):
    return stat.S_IMODE(path.lstat().st_mode)


# --- modes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("readers", "of_folder", "of_file"), MODES)
def test_folders_and_files_are_for_those_who_may_read_them_whatever_the_umask(
    any_umask, tmp_path, readers, of_folder, of_file
):
    make_folder(tmp_path / "deep" / "OUT", readers)
    with open_folder(tmp_path / "deep" / "OUT") as out:
        assert out.make_folder("cells", readers)
        with out.folder("cells") as cells:
            cells.create("new", b"x", readers)
            cells.put("put", b"x", readers)
    assert [mode(tmp_path / "deep"), mode(tmp_path / "deep" / "OUT")] == [of_folder] * 2
    assert mode(tmp_path / "deep" / "OUT" / "cells") == of_folder
    assert {mode(path) for path in tmp_path.glob("deep/OUT/cells/*")} == {of_file}


def test_a_file_is_its_owners_alone_from_its_first_moment(tmp_path, folder, monkeypatch):
    before, seen, original = os.umask(0), [], os.open

    def noted(*args, **kwargs):
        descriptor = original(*args, **kwargs)
        seen.append(stat.S_IMODE(os.fstat(descriptor).st_mode))
        return descriptor

    monkeypatch.setattr(os, "open", noted)
    try:
        folder.put("a", b"x", "all")
    finally:
        os.umask(before)
    assert seen == [0o600]
    assert mode(tmp_path / "a") == 0o644


def default_acl(entries):
    """A default ACL as the system keeps it: (tag, permissions) pairs."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, bits, 0xFFFFFFFF) for tag, bits in entries)


def test_an_acl_that_a_folder_hands_down_opens_nothing_by_itself(tmp_path, folder):
    everybody = default_acl([(0x01, 7), (0x04, 7), (0x10, 7), (0x20, 7)])
    try:
        os.setxattr(tmp_path, "system.posix_acl_default", everybody)
    except OSError:
        pytest.skip("the file system has no ACLs")
    folder.create("own", b"x")
    folder.create("shared", b"x", "group")
    folder.make_folder("cells")
    assert [mode(tmp_path / name) for name in ("own", "shared", "cells")] == [0o600, 0o640, 0o700]


def test_the_group_that_a_folder_hands_down_stays(tmp_path):
    tmp_path.chmod(0o2750)
    make_folder(tmp_path / "OUT", "group")
    assert mode(tmp_path / "OUT") == 0o2750


def test_a_folder_that_is_there_keeps_its_mode(tmp_path, folder):
    (tmp_path / "OUT").mkdir()
    (tmp_path / "OUT").chmod(0o751)
    make_folder(tmp_path / "OUT", "all")
    assert folder.make_folder("OUT", "all") is False
    assert mode(tmp_path / "OUT") == 0o751


@pytest.mark.parametrize(
    ("bits", "readers", "said"),
    [
        (0o700, "owner", None),
        (0o755, "owner", "OUT is open to everybody (mode 755)"),
        (0o750, "owner", "OUT is open to its group (mode 750)"),
        (0o750, "group", None),
        (0o2770, "group", None),
        (0o755, "group", "OUT is open to everybody (mode 755)"),
        (0o755, "all", None),
        (0o777, "all", "OUT can be written to by everybody (mode 777)"),
        (0o2772, "group", "OUT can be written to by everybody (mode 2772)"),
        (0o700, "group", None),
    ],
)
def test_a_folder_that_is_open_to_more_than_may_read_is_told_of(tmp_path, bits, readers, said):
    (tmp_path / "OUT").mkdir()
    (tmp_path / "OUT").chmod(bits)
    sentence = too_open(tmp_path / "OUT", readers)
    assert (sentence is None) is (said is None)
    assert said is None or said in sentence
    assert too_open(tmp_path / "absent", readers) is None


@pytest.mark.parametrize(("readers", "_", "of_file"), MODES)
def test_who_may_read_a_file_is_known_from_its_mode(tmp_path, readers, _, of_file):
    (tmp_path / "a").touch()
    (tmp_path / "a").chmod(of_file)
    assert readers_of(tmp_path / "a") == readers
    assert readers_of(tmp_path / "absent") == "owner"


# --- what leads elsewhere ---------------------------------------------------------------------------------------------


@pytest.fixture
def elsewhere(tmp_path):
    """A file and a folder outside, to which links lead."""
    (tmp_path / "outside" / "folder").mkdir(parents=True)
    (tmp_path / "outside" / "file").write_bytes(b"mine")
    (tmp_path / "OUT").mkdir()
    (tmp_path / "OUT" / "file").symlink_to(tmp_path / "outside" / "file")
    (tmp_path / "OUT" / "folder").symlink_to(tmp_path / "outside" / "folder")
    (tmp_path / "OUT" / "dangling").symlink_to(tmp_path / "outside" / "new")
    with open_folder(tmp_path / "OUT") as folder:
        yield folder
    assert (tmp_path / "outside" / "file").read_bytes() == b"mine"
    assert sorted(path.name for path in (tmp_path / "outside").iterdir()) == ["file", "folder"]
    assert list((tmp_path / "outside" / "folder").iterdir()) == []


USES = {
    "open to read": lambda folder, name: folder.read(name),
    "open to write": lambda folder, name: folder.open(name, os.O_RDWR | os.O_CREAT),
    "ask for a file": lambda folder, name: folder.has_file(name),
    "ask for a folder": lambda folder, name: folder.has_folder(name),
    "remove": lambda folder, name: folder.unlink(name),
    "remove with all": lambda folder, name: folder.drop(name),
    "compare": lambda folder, name: folder.holds(name, b"mine"),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("name", ["file", "folder", "dangling"])
def test_a_link_is_refused_by_its_path_whatever_is_done_with_it(elsewhere, use, name):
    with pytest.raises(OutputUnsafe, match=f"OUT/{name} is "):
        use(elsewhere, name)
    assert (elsewhere.path / name).is_symlink()


@pytest.mark.parametrize("name", ["file", "folder", "dangling"])
def test_a_link_is_no_folder_to_work_in(elsewhere, name):
    with pytest.raises(OutputUnsafe, match=f"OUT/{name} is a link, or no folder"), elsewhere.folder(name):
        pass


def test_a_file_that_is_written_whole_takes_the_place_of_a_link_and_leaves_what_it_led_to(elsewhere):
    elsewhere.put("file", b"new")
    assert not (elsewhere.path / "file").is_symlink()
    assert elsewhere.read("file") == b"new"


def test_a_link_under_the_name_of_a_draft_is_refused(elsewhere):
    (elsewhere.path / ".new").symlink_to(elsewhere.path.parent / "outside" / "file")
    with pytest.raises(OutputUnsafe, match=r"\.new is a link"):
        elsewhere.put("new", b"new")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path, folder):
    os.mkfifo(tmp_path / "pipe")
    for name, use in USES.items():
        if name != "ask for a folder":
            with pytest.raises(OutputUnsafe, match="pipe is no plain file"):
                use(folder, "pipe")


def test_a_folder_named_by_the_user_may_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "named").symlink_to(tmp_path / "real")
    make_folder(tmp_path / "named")
    with open_folder(tmp_path / "named") as folder:
        folder.create("a", b"x")
    assert (tmp_path / "real" / "a").read_bytes() == b"x"


@needs_root
@pytest.mark.parametrize(("bits", "refused"), [(0o1777, True), (0o777, True), (0o775, False), (0o755, False)])
def test_where_everybody_may_write_what_strangers_put_there_is_not_used(tmp_path, folder, bits, refused):
    (tmp_path / "file").write_bytes(b"theirs")
    (tmp_path / "sub").mkdir()
    for name in ("file", "sub"):
        os.chown(tmp_path / name, STRANGER, STRANGER)
    tmp_path.chmod(bits)
    if not refused:
        assert folder.read("file") == b"theirs"
        return
    with pytest.raises(OutputUnsafe, match="file belongs to another user, and everybody may write to"):
        folder.read("file")
    with pytest.raises(OutputUnsafe, match="sub belongs to another user"), folder.folder("sub"):
        pass


@needs_root
def test_what_the_folders_own_owner_put_there_is_used(tmp_path, folder):
    (tmp_path / "file").write_bytes(b"theirs")
    for path in (tmp_path, tmp_path / "file"):
        os.chown(path, STRANGER, STRANGER)
    tmp_path.chmod(0o777)
    assert folder.read("file") == b"theirs"


def test_a_folder_goes_with_all_that_is_in_it_but_not_with_what_its_links_lead_to(tmp_path, folder):
    (tmp_path / "staged" / "deep").mkdir(parents=True)
    (tmp_path / "kept").write_bytes(b"mine")
    (tmp_path / "staged" / "deep" / "link").symlink_to(tmp_path / "kept")
    folder.drop("staged")
    folder.drop("absent")
    assert folder.names() == ["kept"]


def test_descriptors_are_given_back(tmp_path, folder):
    before = len([*Path("/proc/self/fd").iterdir()])
    (tmp_path / "link").symlink_to(tmp_path)
    for _ in range(20):
        folder.put("a", b"x")
        folder.holds("a", b"x")
        for name in ("link", "absent"):
            with pytest.raises((OutputUnsafe, OSError)), folder.folder(name):
                pass
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def test_what_the_system_refuses_is_said_with_the_whole_path(folder):
    with pytest.raises(FileNotFoundError) as refused:
        folder.read("absent")
    assert Path(refused.value.filename) == folder.path / "absent"
