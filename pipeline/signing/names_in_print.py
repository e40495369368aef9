"""A printed text -> the name of a person in it, or the role of one, strictly: what may be something else is neither."""

from __future__ import annotations

import re

from pipeline.handwriting import is_surname
from pipeline.signing.labels import LabelKind, SigningLabels, find_labels, plain

CHINESE_NAME = re.compile(r"[\u3400-\u9fff]\s?[\u3400-\u9fff]\s{0,4}[\u3400-\u9fff]?")
"""Two or three characters, spaced or not: longer ones may be words."""
DOTTED_NAME = re.compile(r"[\u3400-\u9fff]{2,6}[·•・][\u3400-\u9fff]{2,8}")
"""A name of another people in Chinese characters."""
PARTICLES = "de|du|des|da|do|dos|del|della|di|van|von|der|den|ten|ter|la|le|bin|ibn|al|el|y|e"
WORD = rf"(?:(?:{PARTICLES})|(?:[A-Z]\.[ ]?)+|[^\W\d_a-z][^\W\d_]*(?:['’.\-][^\W\d_]+)*\.?)"
LATIN_NAME = re.compile(rf"{WORD}(?: {WORD})*")
"""Words that begin with a capital, initials, and particles between them."""
MOST_WORDS = 5
"""A name has no more words than this, its initials and particles counted."""
TITLE = re.compile(
    r"^(?:(?:the )?hon(?:ou?rable)?|mr|mrs|ms|miss|dr|prof|sir|rev|m|mm|mme|mlle|monsi\w+|mada\w+|mademoiselle|sr|sra|"
    r"herr|frau|av|eng|capt|gp capt|col|maj|lt|shri|smt)\.?\s+",
    re.IGNORECASE,
)
"""What stands before a name and is none of it."""
DEGREE = re.compile(r"(?:,\s*|\s+)(?:Ph\.?D|M\.?D|Esq|J\.?D|MBA|CPA|R\.?N|P\.?E|Jr|Sr|II|III|IV)\.?$")
"""What stands behind a name."""
BRACKETS_AND_LEADERS = " \t_.…()（）[]【】,，;；-—"
"""What stands around a name or a role and is none of it."""
NO_NAME = re.compile(
    r"\b(?:ltd|limited|inc|llc|llp|corp|corporation|company|co|sa|sas|sarl|gmbh|bank|office|department|ministry|"
    r"university|college|school|church|court|county|city|state|states|united|republic|street|road|avenue|box|tel|fax|"
    r"phone|email|date|name|title|address|page|copy|enclosure|enclosures|attachment|attachments|subject|re|to|from|"
    r"dear|approved|signed|signature|witness|witnesses|the|and|of|for|in|on|by|this|that|yes|no|seal|form|section|"
    r"article|annex|contract|agreement|january|february|march|april|may|june|july|august|september|october|november|"
    r"december|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre|nom|prenom|"
    r"adresse|fait|le|la|les|pour|societe|monsieur|madame|general|national|international|association|council|"
    r"committee|board|society|institute|hospital|group|holdings|services|service|press|new|notary|public)\b"
)
"""Words that no person's name has, in plain letters: of firms, places, dates, labels and sentences."""
ROLE_WORD = re.compile(
    r"\b(?:director|manager|president|chair(?:man|woman|person)?|chief|officer|secretary|treasurer|registrar|minister|"
    r"commissioner|governor|mayor|member|attorney|counsel|partner|principal|supervisor|head|dean|professor|engineer|"
    r"judge|clerk|notary|administrator|coordinator|representative|agent|owner|founder|consul|ambassador|superintendent|"
    r"inspector|controller|comptroller|deputy|assistant|vice|directeur|directrice|president|presidente|gerant|gerante|"
    r"maire|prefet|secretaire|tresorier|responsable|delegue|deleguee|mandataire|representant|mudur|muduru|baskan|"
    r"baskani|uzman|memur|sef|muhendis|director|presidente|gerente|diretor|geschaftsfuhrer|leiter|direttore)\b"
)
"""Words by which a line says what somebody is."""
CHINESE_ROLE = re.compile(
    r"[\u3400-\u9fff]{0,8}(?:负责人|经办人|审核人|代表人|代理人|主任|局长|院长|校长|处长|科长|所长|县长|市长|经理|会长|主席|书记|会计|出纳|董事长)"
)
FUNCTION_WORD = re.compile(r"\bl['’]|\b(?:fin|extrait|en|est|une?|with|at|as|is|or)\b")
"""Words of sentences and headings, in plain letters."""
MOST_ROLE_WORDS = 9
"""A role has no more words than this: what is longer is a sentence."""


def name_in(text: str, labels: SigningLabels) -> str | None:
    """The name that a printed line consists of, or ends with behind the colon of a label; None for anything else.

    Args:
        text: as read.
        labels: whose words are no names.
    """
    bare = re.split(r"[:：]", text)[-1].strip(BRACKETS_AND_LEADERS)
    first, comma, rest = bare.partition(",")
    if comma and role_in(rest.strip(), labels):
        bare = first.strip()
    if re.search(r"\d", bare) or find_labels(bare, labels):
        return None
    if re.search(r"[\u3400-\u9fff]", bare):
        return _chinese_name(bare)
    return _latin_name(bare)


def role_in(text: str, labels: SigningLabels) -> str | None:
    """The role that a printed line names, without its colon and notes; None where it names none.

    Args:
        text: as read.
        labels: of which those of roles count.
    """
    head = re.sub(r"[(（][^)）]*[)）]\s*$", "", re.split(r"[:：]", text)[0]).strip(BRACKETS_AND_LEADERS)
    first, comma, rest = head.partition(",")
    if comma and LATIN_NAME.fullmatch(first.strip()) and not ROLE_WORD.search(plain(first)[0]):
        return role_in(rest, labels)
    words = plain(head)[0].split()
    if not head or len(words) > MOST_ROLE_WORDS or re.search(r"\d{3}", head):
        return None
    if any(label.kind is LabelKind.ROLE for label in find_labels(head, labels)) or CHINESE_ROLE.fullmatch(head):
        return head
    return head if ROLE_WORD.search(" ".join(words)) and head[:1].isupper() else None


def _chinese_name(text: str) -> str | None:
    if DOTTED_NAME.fullmatch(text):
        return text
    together = re.sub(r"\s", "", text)
    if not CHINESE_NAME.fullmatch(text) or not is_surname(together[0]):
        return None
    return None if CHINESE_ROLE.search(together) or re.search(r"[年月日章签盖公司局处科室]", together) else together


def _latin_name(text: str) -> str | None:
    bare = DEGREE.sub("", TITLE.sub("", text)).strip(" ,")
    words = bare.split()
    if not LATIN_NAME.fullmatch(bare) or not 1 <= len(words) <= MOST_WORDS:
        return None
    flat = plain(bare)[0]
    full = [word for word in re.split(r"[ .]+", bare) if len(word) > 1 and word[0].isupper()]
    enough = (len(full) >= 2 and len(words) >= 2) or (full and re.match(r"(?:[A-Z]\. ?)+", bare))
    other = any(words.search(flat) for words in (NO_NAME, ROLE_WORD, FUNCTION_WORD))
    return bare if enough and not other else None
