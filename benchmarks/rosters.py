"""Rosters for the trials: the true name among names that are like it, or only those; and what comes of them."""

from __future__ import annotations

import csv
import itertools
import random
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.trials import table

SIZE = 200
NEAR = 10
"""Names of a roster that differ from the true one in one character."""
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任"
    "姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂华红玲飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢建国志成才让措卓玛扎西尼春梅雪莲海"
    "生玉珍文慧思远晓东小雨佳怡子涵雅琴振兴德福永祥家豪梦琪"
)
BINS = (0.0, 0.2, 0.5, 0.8, 0.9, 0.95, 1.0)


class Match(NamedTuple):
    """What a roster made of a signature: its best name's probability, whether that is the true one, if it was taken.

    `holds` says whether the roster has the true name at all.
    """

    holds: bool
    probability: float
    right: bool
    taken: bool


def roster(name: str, *, holds: bool) -> list[str]:
    """`SIZE` names, sorted: ten that differ from a name in one character, the name itself if asked for, and others.

    The same arguments make the same roster.
    """
    rng = random.Random(f"{name} {holds}")
    names: set[str] = {name} if holds else set()
    while len(names) < NEAR + holds:
        place = rng.randrange(len(name))
        near = name[:place] + rng.choice(SURNAMES if place == 0 else GIVEN) + name[place + 1 :]
        names |= {near} - {name}
    while len(names) < SIZE:
        names |= {rng.choice(SURNAMES) + "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))} - {name}
    return sorted(names)


def write_roster(names: Sequence[str], file: Path) -> Path:
    """Names as a roster file, which is returned."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["name"], *([name] for name in names)])
    return file


def as_markdown(by_hand: Sequence[tuple[str, Sequence[Match]]]) -> str:
    """Counts by hand, and how often names of each probability were right, on rosters of both kinds together."""
    counts = ("true name first", "resolved rightly", "resolved wrongly", "resolved though not on the roster")
    rows = []
    for hand, own in by_hand:
        held, others = [m for m in own if m.holds], [m for m in own if not m.holds]
        first, taken = sum(m.right for m in held), [m for m in held if m.taken]
        rightly = sum(m.right for m in taken)
        absent = f"{sum(m.taken for m in others)} of {len(others)}"
        rows.append((hand, f"{first} of {len(held)}", rightly, len(taken) - rightly, absent))
    summary = table(("signatures", *counts), rows)
    return f"{summary}\n{_reliability([match for _, own in by_hand for match in own])}"


def _reliability(matches: Sequence[Match]) -> str:
    rows = []
    for low, high in itertools.pairwise(BINS):
        own = [m for m in matches if low <= m.probability < high or m.probability == high == BINS[-1]]
        if own:
            mean = sum(m.probability for m in own) / len(own)
            rows.append((f"{low:g}–{high:g}", len(own), f"{mean:.2f}", f"{sum(m.right for m in own)} of {len(own)}"))
    return table(("probability of the first name", "signatures", "on the mean", "right"), rows)
