"""Published results, and what ours must be beside them: each a preset, a protocol, a score and a band."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dcn_core.config.metrics import METRICS
from dcn_core.config.presets import PRESETS, preset_config
from dcn_core.config.run import RunConfig, override
from dcn_core.errors import ConfigError

NOTEBOOK = "the original notebook"
PAPER = "DCN-V2, arXiv:2008.13535, table 6"
POLYNOMIALS = "DCN-V2, arXiv:2008.13535, table 2"
Verdict = Literal["pass", "better than the band", "fail", "reported"]


@dataclass(frozen=True)
class Claim:
    """A score that must come out.

    Attributes:
        name: What `reproduce` is asked for; several claims may share one.
        variant: Which of them; empty for the only one.
        protocol: How it is measured, in words.
        metric: Name of the score, and the part of the data it is taken of.
        part: "validation" or "test".
        low, high: The band; None where it has no such end.
        published: The figure to hold it against, None where there is none.
        source: Where that was published.
        preset: The preset that is trained; empty for a polynomial.
        settings: What differs from the preset, as `section.field=value`.
        formula: Of a polynomial, which example and which network.
    """

    name: str
    variant: str
    protocol: str
    metric: str
    part: str
    low: float | None = None
    high: float | None = None
    published: float | None = None
    source: str = ""
    preset: str = ""
    settings: tuple[str, ...] = ()
    formula: tuple[str, str] = field(default=("", ""))

    @property
    def title(self) -> str:
        """Name and variant."""
        return f"{self.name} {self.variant}".strip()

    @property
    def is_cold(self) -> bool:
        """Whether the test users or movies are new to the network; it then stands beside simple predictors."""
        return "data.split=user" in self.settings or "data.split=movie" in self.settings

    @property
    def higher_is_better(self) -> bool:
        """Which way the score points; that of a polynomial is an error."""
        return self.metric in METRICS and METRICS[self.metric].better == "higher"

    def config(self, data: Mapping[str, Any]) -> RunConfig:
        """The experiment on a source, whose fields `data` names."""
        values = preset_config(self.preset).model_dump(mode="json")
        values["data"] |= data
        return override(RunConfig.model_validate(values), self.settings)

    def verdict(self, mean: float) -> Verdict:
        """Whether a mean lies in the band, or past its good end."""
        if self.low is None and self.high is None:
            return "reported"
        under = self.low is not None and mean < self.low
        over = self.high is not None and mean > self.high
        if not (under or over):
            return "pass"
        return "better than the band" if over == self.higher_is_better else "fail"


def _paper(variant: str, published: float, *settings: str) -> Claim:
    return Claim(
        "dcn-v2-paper",
        variant,
        "likes, 3 stars dropped, rows 80/10/10",
        "auc",
        "test",
        low=published - 0.002,
        published=published,
        source=PAPER,
        preset="dcn-v2-paper",
        settings=settings,
    )


def _polynomial(example: str, network: str, low: float | None, high: float, published: float) -> Claim:
    protocol = "x uniform on [-1, 1], as many weights as V2 (V1 on f3: as many layers)"
    return Claim(
        "polynomials",
        f"{example} {network}",
        protocol,
        "rmse",
        "test",
        low,
        high,
        published,
        POLYNOMIALS,
        "",
        (),
        (example, network),
    )


def _cold(preset: str, split: str) -> Claim:
    metric = "auc" if preset_config(preset).data.target == "like" else "rmse"
    held = 0.2 if preset.startswith("notebook") else 0.1
    settings = (f"data.split={split}", f"data.validation_fraction={held / 2:g}", f"data.test_fraction={held:g}")
    about = f"test {split}s that training never saw, {held:.0%} of the ratings"
    return Claim("cold-start", f"{preset} by {split}", about, metric, "test", preset=preset, settings=settings)


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "generated",
        "",
        "generated world, rows 80/10/10, default settings",
        "mse",
        "test",
        high=0.72,
        published=0.6037,
        source="floor of that world: its noise",
        preset="default",
    ),
    Claim(
        "notebook",
        "",
        "rows 75/25, random_state 11, four features",
        "mse",
        "validation",
        low=1.145,
        high=1.160,
        published=1.1509,
        source=NOTEBOOK,
        preset="notebook",
    ),
    Claim(
        "notebook-best",
        "",
        "rows 75/25, random_state 11, four features",
        "mse",
        "validation",
        high=1.128,
        published=1.1509,
        source=NOTEBOOK,
        preset="notebook-best",
    ),
    Claim(
        "ratings",
        "",
        "rows 90/10, all features and ids",
        "rmse",
        "test",
        high=0.845,
        published=0.832,
        source="GC-MC, arXiv:1706.02263 (another 90/10 split)",
        preset="ratings",
    ),
    _paper("V2", 0.8950),
    _paper("V1", 0.8935, "model.cross_kind=vector"),
    _paper("Mix", 0.8964, "model.cross_kind=mixture"),
    _paper("DNN", 0.8929, "model.structure=deep"),
    _polynomial("f1", "V2", None, 1e-4, 5.1e-13),
    _polynomial("f1", "V1", None, 1e-4, 8.9e-13),
    _polynomial("f2", "V2", None, 1e-4, 4.5e-15),
    _polynomial("f2", "V1", 0.05, 0.3, 1.0e-1),
    _polynomial("f3", "V2", None, 1e-4, 6.7e-7),
    _polynomial("f3", "V1", 2.0, 4.0, 2.6),
    *(_cold(preset, split) for preset in PRESETS for split in ("user", "movie")),
)
"""Every claim, those of one name together."""
NAMES = tuple(dict.fromkeys(claim.name for claim in CLAIMS))


def claims_of(name: str) -> tuple[Claim, ...]:
    """The claims of a name, or the one of a title.

    Raises:
        ConfigError: There is none.
    """
    found = tuple(claim for claim in CLAIMS if name in (claim.name, claim.title))
    if not found:
        raise ConfigError(
            f"reproduce one of {', '.join(NAMES)}, or one variant such as 'dcn-v2-paper V1'. Received: '{name}'."
        )
    return found
