"""Numbers as figures and tables show them."""

import pandas as pd

DIGITS = 3


def shown(value: float | None, low: float | None = None, high: float | None = None, *, signs: bool = False) -> str:
    """'0.398 [0.375, 0.421]'; without an interval the value alone, '-' for none."""
    if value is None or pd.isna(value):
        return "-"
    sign = "+" if signs else ""
    text = f"{value:{sign}.{DIGITS}f}"
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return text
    return f"{text} [{low:{sign}.{DIGITS}f}, {high:{sign}.{DIGITS}f}]"


def shown_p(value: float | None) -> str:
    """'0.012', '< 0.001', '-' for none."""
    if value is None or pd.isna(value):
        return "-"
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def place(low: float | None, high: float | None) -> str:
    """'1', '2 to 4', '-' for what takes no part."""
    if not low or not high or pd.isna(low) or pd.isna(high):
        return "-"
    return f"{low:.0f}" if low == high else f"{low:.0f} to {high:.0f}"
