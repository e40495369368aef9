"""A page's signatures get the name and the role that stand in print beside each."""

from dataclasses import replace

from filled_form import SIGNATURE
from signing_pages import line, quad, upright

from pipeline.elements import LineKind, SignatureStatus, TextLine
from pipeline.page.printed_signers import page_texts, with_printed_names
from pipeline.signatures import MarginLine, SignaturePage


def test_a_signature_gets_what_is_printed_below_it():
    signed = SignaturePage((SIGNATURE,), SignatureStatus.SIGNED, ())
    texts = [line("张三丰", 410, 34), line("主任", 410, 56)]
    (named,) = with_printed_names(signed, upright(), texts).signatures
    assert (named.printed_name, named.role) == ("张三丰", "主任")
    (bare,) = with_printed_names(signed, upright(), []).signatures
    assert (bare.printed_name, bare.role, bare.polygon) == (None, None, SIGNATURE.polygon)


def test_the_signature_s_own_line_is_no_print_however_even():
    """What the strokes were read as is not said a second time as if it were printed."""
    own = TextLine("张三丰", 0.99, quad(410, 8, 470, 28), LineKind.SIGNATURE)
    signed = SignaturePage((SIGNATURE,), SignatureStatus.SIGNED, (own,))
    margin = MarginLine(replace(own, kind=LineKind.OTHER), own.polygon, None, 0.1)
    texts = page_texts(upright(), [margin], (), signed)
    assert [text.printed for text in texts] == [False]
    assert with_printed_names(signed, upright(), texts).signatures[0].printed_name is None
