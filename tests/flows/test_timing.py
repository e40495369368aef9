"""What the seconds of a run count from."""

from __future__ import annotations

import logging
import time

from flows.timing import counting_from, part_done, process_begun, seconds_so_far


def test_a_process_begins_before_its_first_line(tmp_path):
    assert process_begun() < time.monotonic()


def test_where_the_system_does_not_say_a_process_begins_now(tmp_path):
    before = time.monotonic()
    assert before <= process_begun(tmp_path / "absent") <= time.monotonic()
    (tmp_path / "stat").write_text("1 (name) S")
    assert before <= process_begun(tmp_path / "stat")


def test_a_run_inside_a_command_counts_from_the_commands_start():
    assert seconds_so_far() == 0.0
    with counting_from(time.monotonic() - 100):
        with counting_from(time.monotonic()):
            assert seconds_so_far() >= 100
        assert seconds_so_far() >= 100
    assert seconds_so_far() == 0.0


def test_a_part_that_is_heard_of_later_is_told_with_its_own_time(caplog):
    with caplog.at_level(logging.DEBUG, "flows"), counting_from(time.monotonic() - 100):
        part_done("now")
        part_done("then", seconds_ago=60)
    assert [record.getMessage().split(".")[0].strip() for record in caplog.records] == ["100", "40"]
