"""What confidences are worth is told for each folder, and what is wrong without a word is listed."""

from benchmarks.stranger_texts import JudgedText
from benchmarks.text_confidence import Judged, as_markdown


def judged(*texts, folder="scans", page="a"):
    return Judged(folder, page, texts)


def test_the_bins_of_each_folder_stand_side_by_side():
    right = JudgedText("1.5", "1.5", 0.997, asked=False, told=False)
    wrong = JudgedText("-1.5", "1.5", 0.4, asked=True, told=True)
    report = as_markdown([judged(right, right, wrong), judged(right, folder="forms")])
    assert "| confidence | scans | right | forms | right |" in report
    assert "| 0.99–0.999 | 2 | 1.0000 | 1 | 1.0000 |" in report
    assert "| 0–0.5 | 1 | 0.0000 | 0 |  |" in report
    assert "None is wrong without a word." in report


def test_what_is_wrong_without_a_word_is_listed():
    lost = JudgedText("×|", "", 0.99, asked=False, told=False)
    named = JudgedText("×", "", 0.99, asked=True, told=True)
    report = as_markdown([judged(lost, named)])
    assert "| scans | a | ×\\| | (blank) | 0.990 |" in report
    assert report.count("(blank)") == 1


def test_marks_that_mean_the_same_and_white_space_make_no_text_wrong():
    assert JudgedText("— 3", "-3", 0.99, asked=False, told=False).exact
    assert not JudgedText("-3", "3", 0.99, asked=False, told=False).exact
