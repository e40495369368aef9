"""The text of a TOML file -> the line of each of its keys, which the standard library's parser does not tell.

The text must be valid: `tomllib` has read it before, so nothing is checked again here.
"""

from __future__ import annotations

import re
import tomllib

KeyPath = tuple[str | int, ...]
"""The keys that lead to a value; places in lists count from 1. () is the file."""

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_KEY_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
# Long strings first, as they begin like short ones; up to two quotes may stand before the closing three.
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})|' + r"'''.*?'''(?:'{0,2})|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'", re.DOTALL
)
_SCALAR = re.compile(r"[^,\]}\n#]+")


def find_lines(text: str) -> dict[KeyPath, int]:
    r"""The line, from 1, on which each key and each entry of a list begins; a table's is that of its first mention.

    >>> find_lines('name = "a"\n[title]\ntext = ["b", "c"]')[("title", "text", 2)]
    3

    Args:
        text: a valid TOML document.
    """
    return _Scanner(text).scan()


class _Scanner:
    """Walks through a document once, and remembers where each key was."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.lines = text, 0, dict[KeyPath, int]({(): 1})
        self.lists: dict[KeyPath, int] = {}
        """How many tables each list of tables has so far."""

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip()
        return self.lines

    def _header(self) -> KeyPath:
        """A [table] or an entry of [[tables]]: the path of what follows it."""
        is_list = self.text.startswith("[[", self.at)
        begin = self.at
        self.at += 2 if is_list else 1
        self._skip()
        keys = self._keys()
        self._skip()
        self.at += 2 if is_list else 1
        path: KeyPath = ()
        for place, key in enumerate(keys, 1):
            path = (*path, key)
            self._remember(path, begin)
            if is_list and place == len(keys):
                self.lists[path] = self.lists.get(path, 0) + 1
            if path in self.lists:
                path = (*path, self.lists[path])
                self._remember(path, begin)
        return path

    def _pair(self, table: KeyPath) -> None:
        """A key and its value."""
        begin = self.at
        path = table
        for key in self._keys():
            path = (*path, key)
            self._remember(path, begin)
        self.at = self.text.index("=", self.at) + 1
        self._skip()
        self._value(path)

    def _keys(self) -> list[str]:
        """A key, or several with dots between them."""
        keys = []
        while match := _KEY_PART.match(self.text, self.at):
            self.at = match.end()
            part = match[0]
            keys.append(str(tomllib.loads(f"key = {part}")["key"]) if part[0] in "\"'" else part)
            dot = _DOT.match(self.text, self.at)
            if dot is None:
                break
            self.at = dot.end()
        return keys

    def _value(self, path: KeyPath) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            match = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            self.at = match.end() if match else self.at + 1

    def _list(self, path: KeyPath) -> None:
        place = 0
        while self._next_entry("]"):
            place += 1
            self._remember((*path, place), self.at)
            self._value((*path, place))

    def _inline_table(self, path: KeyPath) -> None:
        while self._next_entry("}"):
            self._pair(path)

    def _next_entry(self, closing: str) -> bool:
        """Go to the next entry of a list or an inline table; False, and beyond it, at its end."""
        if self.text[self.at] in "[{,":
            self.at += 1
        self._skip()
        if self.text[self.at] == ",":
            return self._next_entry(closing)
        if self.text[self.at] == closing:
            self.at += 1
            return False
        return True

    def _skip(self) -> None:
        """Go past white space and comments."""
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at

    def _remember(self, path: KeyPath, place: int) -> None:
        self.lines.setdefault(path, self.text.count("\n", 0, place) + 1)
