"""The axes that all curves drawn by ECharts share."""

from typing import Any


def counted(name: str, least: int = 0, **more: Any) -> dict[str, Any]:
    """An axis of what is counted from left to right, epochs or trials.

    Args:
        name: What is counted.
        least: Where the axis begins.
        **more: Of ECharts' options.
    """
    axis = {"type": "value", "name": name, "nameLocation": "middle", "nameGap": 28, "min": least, "minInterval": 1}
    return axis | {"splitLine": {"show": False}} | more


def measured(name: str, floor: float | None, ceiling: float | None) -> dict[str, Any]:
    """An axis of an error, from bottom to top, which need not begin at 0; its name stands above it."""
    return {
        "type": "value",
        "name": name,
        "nameTextStyle": {"align": "left", "padding": [0, 0, 0, -30]},
        "nameGap": 14,
        "min": floor,
        "max": ceiling,
        "axisLabel": {"showMaxLabel": False, "showMinLabel": False},
    }
