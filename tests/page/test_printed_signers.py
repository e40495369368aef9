"""A page's signatures get the name and the role that stand in print beside each."""

from filled_form import SIGNATURE
from signing_pages import line, upright

from pipeline.elements import SignatureStatus
from pipeline.page.printed_signers import with_printed_names
from pipeline.signatures import SignaturePage


def test_a_signature_gets_what_is_printed_below_it():
    signed = SignaturePage((SIGNATURE,), SignatureStatus.SIGNED, ())
    texts = [line("张三丰", 410, 34), line("主任", 410, 56)]
    (named,) = with_printed_names(signed, upright(), texts).signatures
    assert (named.printed_name, named.role) == ("张三丰", "主任")
    (bare,) = with_printed_names(signed, upright(), []).signatures
    assert (bare.printed_name, bare.role, bare.polygon) == (None, None, SIGNATURE.polygon)
