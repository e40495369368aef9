"""Truth -> accuracy: digitise the pages beside the truth files, score what landed, write the tables the docs show.

    python -m benchmarks.accuracy TRUTH_DIR [--out accuracy] [--tables DIR] [--workers N]

Writes OUT/<name of TRUTH_DIR>.md, the measures of each page as OUT/<name of TRUTH_DIR>.parquet, and OUT/texts.md: what
the confidences of texts are worth. The pages are read by the installed `signed-forms digitise`, as a user would, into
a folder that is thrown away unless --tables is given. docs/evaluation.md describes truth files and measures.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from pipeline.errors import SignedFormsError, TruthInvalid
from pipeline.evaluate import Bin, Evaluation, as_markdown, evaluate
from pipeline.settings import OcrSettings

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp")
REVIEW_CONFIDENCE = OcrSettings().review_confidence
SOME_DID_NOT_LAND = 3
"""Exit status of `digitise` when a document did not land whole: part of the measure, not a failure of it."""


def page_files(truth_dir: Path) -> tuple[Path, ...]:
    """The files that a folder's truth is about, in order of name.

    NAME.json is about NAME.jpg (.png, .tif, …) beside it; every page-NN.json about the one PDF of the folder.

    Raises:
        TruthInvalid: when there is no truth, or its page is not beside it, or there are several that fit.
    """
    names = sorted(path.stem for path in truth_dir.glob("*.json"))
    if not names:
        raise TruthInvalid(f"{truth_dir}: holds no truth file (*.json)")
    files = (path for path in truth_dir.iterdir() if path.suffix.lower() in (*IMAGE_SUFFIXES, ".pdf"))
    by_name: dict[str, list[Path]] = {}
    for path in sorted(files):
        in_pdf = path.suffix.lower() == ".pdf"
        by_name.setdefault("page" if in_pdf else path.stem, []).append(path)
    return tuple(dict.fromkeys(_only(by_name, name, truth_dir) for name in names))


def _only(by_name: dict[str, list[Path]], name: str, folder: Path) -> Path:
    found = by_name.get(name) or (by_name.get("page", []) if name.startswith("page-") else [])
    if len(found) != 1:
        problem = f"several pages fit: {', '.join(path.name for path in found)}" if found else "its page is missing"
        raise TruthInvalid(f"{folder / name}.json: {problem}")
    return found[0]


def digitise(sources: Sequence[Path], tables: Path, workers: int | None) -> float:
    """Run the command line on the sources; returns the seconds that it took.

    Raises:
        subprocess.CalledProcessError: when the run itself failed.
    """
    program = shutil.which("signed-forms", path=str(Path(sys.executable).parent)) or "signed-forms"
    more = [] if workers is None else ["--workers", str(workers)]
    command = [program, "digitise", *map(str, sources), "--out", str(tables), "--force", *more]
    started = time.monotonic()
    result = subprocess.run(command, check=False)
    if result.returncode not in (0, SOME_DID_NOT_LAND):
        raise subprocess.CalledProcessError(result.returncode, command[:2])
    return time.monotonic() - started


def page_table(evaluation: Evaluation) -> pa.Table:
    """One row per page: its name, condition and measures."""
    rows = []
    for page in evaluation.pages:
        measures = asdict(page.measures)
        by_field = {f"field_{name}": value for name, value in measures.pop("by_field").items()}
        rows.append({"page": page.name, "condition": page.condition, "landed": page.landed, **measures, **by_field})
    names = [name for name in rows[0] if name not in ("page", "condition", "landed")]
    schema = pa.schema(
        [("page", pa.string()), ("condition", pa.string()), ("landed", pa.bool_())]
        + [(name, pa.int64() if isinstance(rows[0][name], int) else pa.float64()) for name in names]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def report(name: str, evaluation: Evaluation, seconds: float) -> str:
    """The Markdown page: what was measured, how long it took, and the tables."""
    pages = len(evaluation.pages)
    intro = f"{pages} pages in {seconds:.0f} s ({seconds / pages:.2f} s a page, start-up included)."
    return f"# Accuracy: {name}\n\n{intro}\nMeasures are defined in docs/evaluation.md.\n\n{as_markdown(evaluation)}"


def text_confidences(evaluation: Evaluation) -> str:
    """What the confidence of a cell's text is worth, as a Markdown table and a sentence about the texts in review."""
    bins = [one for one in evaluation.cells.bins if one.count]
    lines = ["| confidence | count | mean confidence | exactly right |", "| --- | ---: | ---: | ---: |"]
    lines += [f"| {b.low}–{b.high} | {b.count} | {b.mean_confidence:.4f} | {b.right:.4f} |" for b in bins]
    below = [one for one in bins if one.high <= REVIEW_CONFIDENCE]
    summary = (
        f"On {len(evaluation.pages)} pages with truth. Of the {_wrong(bins):,} wrong texts {_wrong(below):,} lie below "
        f"the review threshold of {REVIEW_CONFIDENCE}, with {_count(below):,} of all {_count(bins):,}."
    )
    return "\n".join([*lines, "", summary, ""])


def _count(bins: Sequence[Bin]) -> int:
    return sum(one.count for one in bins)


def _wrong(bins: Sequence[Bin]) -> int:
    return round(sum(one.count * (1 - (one.right or 0.0)) for one in bins))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Digitise the pages of a folder of truth and score what landed.")
    parser.add_argument("truth_dir", type=Path)
    parser.add_argument("--out", type=Path, default=Path("accuracy"), help="folder for the report (default: accuracy)")
    parser.add_argument("--tables", type=Path, help="keep the landed tables in this folder")
    parser.add_argument("--workers", type=int, help="as for `signed-forms digitise`")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory(prefix="accuracy-") as scratch:
            tables = options.tables or Path(scratch)
            seconds = digitise(page_files(options.truth_dir), tables, options.workers)
            evaluation = evaluate(options.truth_dir, tables)
    except SignedFormsError as error:
        print(f"{error.code}: {error}\n{error.remedy}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as error:
        print(f"{' '.join(error.cmd)} ended with exit status {error.returncode}", file=sys.stderr)
        return 1
    name = options.truth_dir.resolve().name
    options.out.mkdir(parents=True, exist_ok=True)
    text = report(name, evaluation, seconds)
    (options.out / f"{name}.md").write_text(text, encoding="utf-8")
    (options.out / "texts.md").write_text(text_confidences(evaluation), encoding="utf-8")
    parquet.write_table(page_table(evaluation), options.out / f"{name}.parquet")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
