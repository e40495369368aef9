"""Spellings of dates are scored by what was seen, and what stands before a date costs what it is."""

import numpy as np
from margin_pages import ALPHABET, spelled

from pipeline.handwriting.date_lexicon import lexicon_for
from pipeline.handwriting.date_scores import score_dates, score_starts, see_crop, see_line, with_swallowed

LEXICON = lexicon_for(ALPHABET)


def best_of(scored):
    return scored.spellings[int(scored.totals.argmax())]


def total_of(scored, symbols):
    return scored.totals[[spelling.symbols for spelling in scored.spellings].index(symbols)]


def test_the_spelling_that_was_seen_is_the_best_and_hardly_behind():
    scored = score_dates([see_line(spelled("张三3.30"), LEXICON)], LEXICON)
    assert best_of(scored).symbols == "3.30"
    assert total_of(scored, "3.30") > -2


def test_characters_that_look_alike_count_as_one():
    seen = np.logaddexp(spelled("二〇二三年三月三十日", steps=80), spelled("二0二三年三月三十日", steps=80)) - np.log(2)
    assert best_of(score_dates([see_line(seen, LEXICON)], LEXICON)).symbols == "二〇二三年三月三十日"


def test_dates_with_marks_are_tried_only_where_marks_are_seen():
    marked = score_dates([see_line(spelled("3月30日"), LEXICON)], LEXICON)
    plain = score_dates([see_line(spelled("3.30", sure=0.9999), LEXICON)], LEXICON)
    assert {s.script for s in marked.spellings} > {s.script for s in plain.spellings}


def test_a_digit_before_a_date_costs_more_than_a_character_of_a_name():
    named = score_dates([see_line(spelled("丰3.30"), LEXICON)], LEXICON)
    numbered = score_dates([see_line(spelled("73.30"), LEXICON)], LEXICON)
    assert total_of(named, "3.30") > total_of(numbered, "3.30") + 2


def test_a_crop_has_no_name_before_its_date():
    line = score_dates([see_line(spelled("丰3.30"), LEXICON)], LEXICON)
    crop = score_dates([see_crop(spelled("丰3.30"), LEXICON)], LEXICON)
    assert total_of(line, "3.30") > total_of(crop, "3.30") + 2


def test_every_view_counts_alike():
    both = score_dates([see_crop(spelled(text), LEXICON) for text in ("3.30", "8.30")], LEXICON)
    assert abs(total_of(both, "3.30") - total_of(both, "8.30")) < 1e-6


def test_the_best_start_is_where_the_date_begins():
    view = see_line(spelled("张三3.30"), LEXICON)
    starts = score_starts(view, best_of(score_dates([view], LEXICON)), LEXICON)
    assert starts.shape == (61,)
    assert 60 * 1 / 6 < int(starts.argmax()) < 60 * 3 / 6


def test_an_alphabet_that_spells_no_date_scores_none():
    steps = np.log(np.full((5, 3), 1 / 3, np.float32))
    assert score_dates([see_line(steps, lexicon_for(("", "张", "三")))], lexicon_for(("", "张", "三"))).spellings == ()


def test_a_view_without_steps_has_no_scores_to_speak_of():
    empty = np.empty((0, len(ALPHABET)), np.float32)
    assert score_dates([see_line(empty, LEXICON)], LEXICON).totals.max() < -1e6


def test_a_date_beside_a_name_may_have_lost_its_first_1_to_it():
    scored = score_dates([see_line(spelled("张三2.26"), LEXICON)], LEXICON)
    close = with_swallowed(scored)
    assert total_of(close, "12.26") > total_of(scored, "12.26") + 1
    assert total_of(close, "2.26") == total_of(scored, "2.26")
    assert total_of(close, "2.26") > total_of(close, "12.26") + 1


def test_digits_that_are_often_misread_count_a_little_for_what_they_look_like():
    scored = score_dates([see_line(spelled("张三7.26"), LEXICON)], LEXICON)
    assert total_of(scored, "7.26") > total_of(scored, "1.26") + 2
    assert total_of(scored, "1.26") > total_of(scored, "5.26") + 2


def test_what_is_read_as_a_date_that_cannot_be_is_tried_as_it_is():
    scored = score_dates([see_line(spelled("张三2.31", sure=0.9999), LEXICON)], LEXICON)
    assert (best_of(scored).symbols, best_of(scored).possible) == ("2.31", False)


def test_years_are_tried_with_the_days_that_they_have():
    leap, common = (
        {spelling.year for spelling in score_dates([see_line(spelled(text), LEXICON)], LEXICON).spellings}
        for text in ("2024.2.29", "2023.2.28")
    )
    assert {2024, None} < leap
    assert {2023, None} < common
    tried = score_dates([see_line(spelled("2023.2.29"), LEXICON)], LEXICON).spellings
    assert not [spelling for spelling in tried if (spelling.year, spelling.month, spelling.day) == (2023, 2, 29)]


def test_spellings_of_one_date_have_one_number_and_of_others_another():
    scored = score_dates([see_line(spelled("2024年3月9日"), LEXICON)], LEXICON)
    written = [(spelling.year, spelling.month, spelling.day) for spelling in scored.spellings]
    assert len(set(zip(written, scored.dates.tolist(), strict=True))) == len(set(written)) == len(set(scored.dates))
    assert scored.priors.tolist() == [spelling.prior for spelling in scored.spellings]


def test_what_stands_before_a_date_costs_what_the_cheapest_class_of_each_step_does():
    steps = np.log(np.random.default_rng(0).dirichlet(np.ones(len(ALPHABET)), 12)).astype(np.float32)
    before = see_line(steps, LEXICON).before
    np.testing.assert_allclose(np.diff(before), (steps - LEXICON.name_costs).max(axis=1), rtol=1e-6)
