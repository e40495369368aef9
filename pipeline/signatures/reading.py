"""The pieces of one signature -> its name and its date: where one ends and the other begins, and what each says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import cv2

from pipeline.elements import Candidate, Image, NameEvidence, Polygon, Upright
from pipeline.engines import CharacterPosterior, LogProbabilities, Recogniser, Seen, best_characters
from pipeline.handwriting import (
    DateLexicon,
    DateReading,
    DateStart,
    DateViews,
    NameMatch,
    describe_writing,
    find_date_start,
    keep_posteriors,
    lexicon_for,
    match_names,
    read_date,
)
from pipeline.imaging import as_image, cut_line, measure_line, padded_quad, quad_size, quantile, sub_quad
from pipeline.signatures.margin_lines import reading_cut

NAME_MARGIN = 0.05
"""A name is cut with this margin of the page around it, in heights: a wider one shows what is written beside it."""
NAME_CUTS = ((0.05, 1.0), (0.35, 1.0), (0.2, 1.3))
"""The margins around a name, in heights, what is more than `NAME_MARGIN` of bare paper; and how much the cut is then
widened: which one the recogniser likes best depends on the writer."""
PAPER = 70
"""This percentile of a cut's pixels counts as bare paper: half of its pixels that are no ink are darker."""
OVERCONFIDENCE = 6
"""A recogniser of print is too sure of handwriting: names read at .98 are right nine times in ten, at .93 six, at .8
two; this power of the mean probability says so."""
DATE_CUTS = ((0.2, 1.0), (0.35, 2.0))
"""The margins around a date, in heights, as digits read at full height look like large print; and how much the cut is
then widened: of narrow digits that touch, such as 11, the recogniser sees but one."""
SETTLED = 0.99
"""A date of which its line and its first cut are so sure is settled, where it is not close to the name."""
NAME_END = 0.6
"""So much of the name is left before a date, in the date's heights, where it is read once more: nothing of a first
digit that touches the name is cut off, and the digits are larger than beside the whole name."""
NAME_END_CUTS = ((0.2, 1.0), (0.2, 1.5))
"""The margins above and below such cuts, and how much they are widened."""
MIN_DATE_LIKENESS = -6.0
"""Dates are at most this many nats per character behind the best reading of any kind: they are above -5, names without
a date below -9."""
TOUCHING_SHARE = 0.7
"""Where name and date touch, the date begins here between the name's last character and the date's first, as the
recogniser saw them: it sees characters at their middles, and a digit is half as wide as a character of a name."""
CLOSE = 0.2
"""Where less than so many letter heights are between name and date, a first 1 may well stand on the name's side."""
EARLIER_CUTS = (0.2, 0.4)
"""A date close to its name is cut so many of its heights before its beginning, too, for a first 1 on the name's
side."""
NOTHING_SEEN: Mapping[Polygon, Seen] = MappingProxyType({})
"""No row was read before."""
CHINESE = re.compile(r"[\u3400-\u9fff]")
"""A Chinese character, of which names consist."""
LONG_NAME = re.compile(r"([\u3400-\u9fff]{2,})[·•・.．‧∙]([\u3400-\u9fff]{3,})")
"""A name of another people in Chinese characters, such as 马哈木提·买买提, is longer and has a dot inside."""
IN_LETTERS = re.compile(r"[^\W\d_]+(?:[ .'’-]+[^\W\d_]+)*\.?")
"""A name in Latin letters: words with what may stand between them."""
MIN_LETTERS = 3
"""Fewer letters than these are initials or slips, and say nothing of a name."""
LETTERS_FOR_ONE = 2
"""A name is in Latin letters where more than so many are read for each Chinese character: a scrawl shows both."""
LETTERS_SURE = 0.5
"""A name in Latin letters is never surer: those in a scrawl are read as they may be, and no list of names helps."""


class NameReading(NamedTuple):
    """A name as read, how sure it is (0-1), and all readings, best first."""

    text: str
    confidence: float
    candidates: tuple[Candidate, ...]


class SignatureReading(NamedTuple):
    """What one signature says, and the quads of its parts in upright pixels; None for a part that is not there."""

    name: NameReading | None
    name_quad: Polygon | None
    date: DateReading | None
    date_quad: Polygon | None
    matches: tuple[NameMatch, ...] = ()
    """The roster's names, the one that explains the name's strokes best first."""
    evidence: NameEvidence | None = None
    """What the name is settled by once all pages are read; None where there is no name."""
    letters: NameReading | None = None
    """The name in Latin letters, where it is in these: as it lands, while `name` is what speaks for a signature."""


class _Split(NamedTuple):
    """The quads of a row's name, if it has one, and of its date, tight around their strokes.

    `close` says that hardly anything is between the two.
    """

    name: Polygon | None
    date: Polygon
    close: bool


class _NameFound(NamedTuple):
    """A name as read from several cuts, None for none, the roster's names by what was seen, and what remains of it."""

    name: NameReading | None
    matches: tuple[NameMatch, ...] = ()
    evidence: NameEvidence | None = None
    letters: NameReading | None = None


def read_signature(
    upright: Upright,
    rows: Sequence[Polygon],
    recogniser: Recogniser,
    roster: Sequence[str] = (),
    seen: Mapping[Polygon, Seen] = NOTHING_SEEN,
) -> SignatureReading:
    """Tell the name from the date and read both.

    Args:
        upright: the page.
        rows: quads in upright pixels of the signature's lines, from top to bottom: one that holds name and date, or
            one of each.
        recogniser: reads the parts.
        roster: names of those who may have signed.
        seen: of rows that the recogniser read before on this page, what it saw there.
    """
    lexicon = lexicon_for(recogniser.alphabet)
    lines = [recogniser.log_probabilities(seen.get(row) or reading_cut(upright, row)) for row in rows]
    starts = [find_date_start(line, lexicon) for line in lines]
    dated = max(range(len(rows)), key=lambda i: starts[i].likeness)
    if starts[dated].likeness < MIN_DATE_LIKENESS:
        found = _read_name(upright, _longest(rows), recogniser, roster)
        return SignatureReading(found.name, _longest(rows) if found.name else None, None, None, *found[1:])
    split = _split(upright, rows[dated], starts[dated])
    name_quad = split.name
    if name_quad is None and len(rows) > 1:
        name_quad = _longest([row for i, row in enumerate(rows) if i != dated])
    date = _read_date(upright, lines[dated], split, recogniser, lexicon)
    found = _read_name(upright, name_quad, recogniser, roster)
    quads = name_quad if found.name else None, split.date if date else None
    return SignatureReading(found.name, quads[0], date, quads[1], *found[1:])


def _longest(rows: Sequence[Polygon]) -> Polygon:
    return max(rows, key=lambda row: quad_size(row)[0])


def _split(upright: Upright, row: Polygon, start: DateStart) -> _Split:
    """A row parted where its date begins."""
    shape = measure_line(upright.ink.darkness, row, upright.ink.noise)
    if shape is None or start.after <= 0.0:
        return _Split(None, _tight(upright, row) or row, close=False)
    gaps = [
        (right.left - left.right, (left.right + right.left) / 2)
        for left, right in zip(shape.columns, shape.columns[1:], strict=False)
    ]
    between = [gap for gap in gaps if start.after <= gap[1] <= start.before]
    widest, split = max(between, default=(0.0, start.after + TOUCHING_SHARE * (start.before - start.after)))
    name, date = sub_quad(row, 0.0, 0.0, split, 1.0), sub_quad(row, split, 0.0, 1.0, 1.0)
    width, height = quad_size(row)
    close = widest * width < CLOSE * height * shape.height
    return _Split(_tight(upright, name), _tight(upright, date) or date, close)


def _tight(upright: Upright, quad: Polygon) -> Polygon | None:
    """The quad drawn in to its strokes; None where it has none."""
    shape = measure_line(upright.ink.darkness, quad, upright.ink.noise)
    if shape is None:
        return None
    return sub_quad(quad, *shape.box)


def _read_date(
    upright: Upright, line: LogProbabilities, split: _Split, recogniser: Recogniser, lexicon: DateLexicon
) -> DateReading | None:
    """Read a date from its line and from cuts at its place."""
    quad, close = split.date, split.close

    def see(before: float, padding: float, factor: float) -> LogProbabilities:
        width, height = quad_size(quad)
        part = sub_quad(quad, -before * height / max(width, 1.0), 0.0, 1.0, 1.0)
        return recogniser.log_probabilities(_widened(reading_cut(upright, padded_quad(part, padding)), factor))

    first, *widened = DATE_CUTS
    alone = [see(0.0, *first)]
    at_once = None if close else read_date(DateViews([line], alone), lexicon)
    if at_once is not None and at_once.confidence >= SETTLED:
        return at_once
    alone += [see(0.0, *cut) for cut in widened]
    earlier = [see(before, *first) for before in EARLIER_CUTS] if close else []
    after_name = [see(NAME_END, *cut) for cut in NAME_END_CUTS]
    return read_date(DateViews([line, *after_name], [*alone, *earlier], close), lexicon)


def _widened(cut: Image, factor: float) -> Image:
    return cut if factor == 1.0 else as_image(cv2.resize(cut, None, fx=factor, fy=1.0))


def _read_name(upright: Upright, quad: Polygon | None, recogniser: Recogniser, roster: Sequence[str]) -> _NameFound:
    if quad is None:
        return _NameFound(None)
    logs = [recogniser.log_probabilities(cut) for cut in _name_cuts(upright, quad)]
    readings = [best_characters(log, recogniser.alphabet) for log in logs]
    name, letters = _surest_name(readings), _in_letters(readings)
    strokes = describe_writing(cut_line(upright.ink.darkness, padded_quad(quad, NAME_MARGIN)), upright.ink.noise)
    seen = () if letters else tuple(keep_posteriors(log, recogniser.alphabet) for log in logs)
    evidence = NameEvidence(strokes, seen) if name else None
    return _NameFound(name, match_names(logs, roster, recogniser.alphabet), evidence, letters)


def _name_cuts(upright: Upright, quad: Polygon) -> list[Image]:
    """A name's pixels in all cuts, (height, width, 3), with nothing of what is written beside it."""
    close, (_, height) = reading_cut(upright, padded_quad(quad, NAME_MARGIN)), quad_size(quad)
    paper = [quantile(as_image(channel), PAPER / 100) for channel in cv2.split(close)]
    cuts = []
    for padding, width in NAME_CUTS:
        margin = round((padding - NAME_MARGIN) * height)
        framed = cv2.copyMakeBorder(close, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=paper)
        cuts.append(_widened(as_image(framed), width))
    return cuts


def _surest_name(readings: Sequence[Sequence[CharacterPosterior]]) -> NameReading | None:
    """The most confident of several readings, Chinese characters only; None for none."""
    scores: dict[str, float] = {}
    for reading in readings:
        kept = [character for character in reading if CHINESE.match(character.text)]
        if kept:
            text = "".join(character.text for character in kept)
            dotted = LONG_NAME.search("".join(character.text for character in reading))
            text = f"{dotted[1]}·{dotted[2]}" if dotted and dotted[1] + dotted[2] == text else text
            mean = sum(character.probability for character in kept) / len(kept)
            scores[text] = max(scores.get(text, 0.0), mean**OVERCONFIDENCE)
    if not scores:
        return None
    candidates = tuple(Candidate(name, score) for name, score in sorted(scores.items(), key=lambda item: -item[1]))
    return NameReading(candidates[0].name, candidates[0].score, candidates)


def _in_letters(readings: Sequence[Sequence[CharacterPosterior]]) -> NameReading | None:
    """The most confident of several readings in Latin letters; None where hardly any is in these."""
    found = []
    for reading in readings:
        text = "".join(character.text for character in reading)
        words = max(IN_LETTERS.findall(CHINESE.sub(" ", text)), key=len, default="")
        letters = sum(map(str.isalpha, words))
        if letters >= MIN_LETTERS and letters > LETTERS_FOR_ONE * len(CHINESE.findall(text)):
            mean = sum(character.probability for character in reading) / len(reading)
            found.append(Candidate(words, min(mean**OVERCONFIDENCE, LETTERS_SURE)))
    if not found:
        return None
    found.sort(key=lambda one: (-one.score, -len(one.name)))
    listed = {one.name: one for one in reversed(found)}
    return NameReading(*found[0], tuple(reversed(listed.values())))
