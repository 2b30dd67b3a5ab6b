"""The cost of a response: a dated price table and one calculation."""

from accrete.pricing.cost import ASSUMED, NO_USAGE, UNPRICED, Price, Usage, price
from accrete.pricing.models import canonical_model
from accrete.pricing.overrides import Overrides, parse_overrides
from accrete.pricing.refusals import REFUSED, is_billed
from accrete.pricing.table import PRICE_TABLE_VERSION

__all__ = [
    "ASSUMED",
    "NO_USAGE",
    "PRICE_TABLE_VERSION",
    "REFUSED",
    "UNPRICED",
    "Overrides",
    "Price",
    "Usage",
    "canonical_model",
    "is_billed",
    "parse_overrides",
    "price",
]
