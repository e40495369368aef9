"""What a stamp says -> what it says of the page: that it is void, a copy, or paid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from pipeline.elements import Finding, FindingRule, Severity, Stamp

SURE = 0.5
"""A finding is made of stamps that are more probably stamps than not."""
PATTERNS: Mapping[FindingRule, re.Pattern[str]] = MappingProxyType(
    {
        FindingRule.STAMP_VOID: re.compile(
            r"作\s*废|作\s*廢|注\s*销|\bVOID(?:ED)?\b|\bCANCELL?ED\b|\bANNUL[ÉE]E?\b|\bUNGÜLTIG\b|\bSTORNIERT\b"
            r"|АННУЛИРОВАН|НЕДЕЙСТВИТЕЛ|ПОГАШЕНО",
            re.IGNORECASE,
        ),
        FindingRule.STAMP_COPY: re.compile(
            r"副\s*本|复\s*印\s*件|複\s*印\s*件|抄\s*件|\bCOP(?:Y|IE|IA)\b|\bDUPLICAT[EA]\b|\bKOPIE\b|КОПИЯ",
            re.IGNORECASE,
        ),
        FindingRule.STAMP_PAID: re.compile(
            r"已\s*付|付\s*讫|收\s*讫|付\s*清|\bPAID\b|\bPAYÉE?\b|\bBEZAHLT\b|\bPAGADO\b|ОПЛАЧЕН", re.IGNORECASE
        ),
    }
)
"""How stamps say that a page is void, a copy or paid, in the languages that the recogniser reads or half reads."""
OTHER_WORDS = re.compile(
    r"收\s*文|签\s*收|存\s*档|已\s*审\s*核|\bRECEIVED\b|\bREÇU\b|\bEINGEGANGEN\b|\bRECIBIDO\b|\bDRAFT\b|\bAPPROVED\b"
    r"|\bORIGINAL\b|\bCONFIDENTIAL\b|\bFILED\b|ПОЛУЧЕНО|草\s*稿|机\s*密",
    re.IGNORECASE,
)
"""What else rubber stamps say in a line by itself."""
DATE = re.compile(
    r"^\D{0,12}\d{1,2}\s*[-./ ]\s*(?:\d{1,2}|[A-ZÉÛ]{3,9}\.?)\s*[-./ ]\s*(?:19|20)?\d{2}$"
    r"|^\D{0,12}\d{1,2}\s*[A-ZÉÛ]{3,9}\.?\s*(?:19|20)?\d{2}$"
    r"|^(?:19|20)\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}日?$",
    re.IGNORECASE,
)
"""A line that is a date, as date stamps have it."""
NUMBER = re.compile(r"^(?:N[O0°º]?\.?\s*|№\s*)?\d{4,8}$", re.IGNORECASE)
"""A line that is a number, as numbering stamps have it."""
LONGEST = 24
"""A stamp's words stand in a line of at most so many characters; in a longer one they are part of a sentence."""
MEANINGS: Mapping[FindingRule, tuple[Severity, str]] = MappingProxyType(
    {
        FindingRule.STAMP_VOID: (Severity.WARNING, "A stamp says that this page is void."),
        FindingRule.STAMP_COPY: (Severity.INFO, "A stamp says that this page is a copy."),
        FindingRule.STAMP_PAID: (Severity.INFO, "A stamp says that this page was paid."),
    }
)
"""How much each matters, and what it says."""


def is_stamps(text: str) -> bool:
    """Whether a line says what rubber stamps say in so many words."""
    text = text.strip()
    words = (*PATTERNS.values(), OTHER_WORDS)
    return len(text) <= LONGEST and any(pattern.search(text) for pattern in words)


def is_stamps_number(text: str) -> bool:
    """Whether a line is a date or a number alone, as stamps have them, and as plain print has them, too."""
    spellings = text.strip(), "".join(text.split())  # the wheels of a date stamp stand apart
    return any(pattern.search(spelling) for pattern in (DATE, NUMBER) for spelling in spellings)


def report_stamps(page_number: int, stamps: Sequence[Stamp]) -> Iterator[Finding]:
    """A finding for each stamp that says that the page is void, a copy or paid; `found` is what it says."""
    for stamp in stamps:
        for rule, pattern in PATTERNS.items():
            if stamp.text and stamp.confidence >= SURE and pattern.search(stamp.text):
                severity, message = MEANINGS[rule]
                yield Finding(rule, severity, message, page_number, found=stamp.text)
