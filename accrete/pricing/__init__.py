"""What a response costs: a dated price table and one calculation."""

from accrete.pricing.cost import Price, Usage, price
from accrete.pricing.models import canonical_model
from accrete.pricing.overrides import Overrides, parse_overrides
from accrete.pricing.table import PRICE_TABLE_VERSION

__all__ = [
    "PRICE_TABLE_VERSION",
    "Overrides",
    "Price",
    "Usage",
    "canonical_model",
    "parse_overrides",
    "price",
]
