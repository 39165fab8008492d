"""A picture of the network that a config describes, and of where its weights are. HTML that follows the theme."""

import html
from collections.abc import Mapping, Sequence

from dcn_core.config.features import FeatureSpec
from dcn_core.config.model import ModelConfig
from dcn_core.insight.speech import Speech
from dcn_core.insight.wording import choice_label
from dcn_core.model.shapes import embedding_dims, has_cross, has_deep, input_dim

PARTS = {"embeddings": "Embeddings", "cross": "Cross", "deep": "Deep", "head": "Head", "biases": "Biases"}
COLOURS = {"embeddings": "#5f83bf", "cross": "#1f978d", "deep": "#dd7140", "head": "#9a9fa5", "biases": "#b98fae"}
"""One colour a part, readable on the light and on the dark page."""

_STYLE = """<style>
.net{display:flex;align-items:center;gap:10px;overflow-x:auto;padding:4px 0 8px;font-size:13px;line-height:1.25}
.net>*{flex:none}
.net .to{opacity:.45;font-size:15px}
.net .features{display:grid;grid-template-columns:auto auto;gap:4px 6px}
.net .chip{display:flex;justify-content:space-between;gap:8px;padding:2px 8px;border-radius:6px;
  background:color-mix(in srgb,#5f83bf 16%,transparent)}
.net small{opacity:.75;font-size:11px;font-variant-numeric:tabular-nums}
.net .box{border:1.5px solid;border-radius:8px;padding:6px 7px;text-align:center;min-width:32px}
.net .box small{display:block}
.net .lanes{display:flex;flex-direction:column;gap:10px}
.net .lane{display:flex;align-items:center;gap:3px}
.net .lane .to{font-size:11px}
.net .lane>em{font-style:normal;font-size:11px;width:38px;opacity:.7}
.net .cross{border-color:#1f978d;background:color-mix(in srgb,#1f978d 13%,transparent)}
.net .deep{border-color:#dd7140;background:color-mix(in srgb,#dd7140 13%,transparent)}
@media(max-width:640px){.net{flex-direction:column}.net>.to{rotate:90deg}.net .lane{flex-wrap:wrap}}
.net .plain{border-color:color-mix(in srgb,currentColor 35%,transparent)}
.share{display:flex;height:8px;border-radius:4px;overflow:hidden;gap:2px}
.share>i{display:block;min-width:3px}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:12.5px;padding-top:7px}
.legend i{display:inline-block;width:9px;height:9px;border-radius:2px;margin-right:6px}
.legend b{font-weight:600;font-variant-numeric:tabular-nums}
</style>"""


def picture(config: ModelConfig, specs: Sequence[FeatureSpec], speech: Speech | None = None) -> str:
    """Returns the network from features to the label that it predicts, left to right, in the words of its source."""
    speech = speech or Speech()
    dims = embedding_dims(config, specs)
    chips = "".join(
        f'<span class="chip"><span>{html.escape(speech.feature(name))}</span><small>{dim}</small></span>'
        for name, dim in dims.items()
    )
    arrow = '<span class="to" aria-hidden="true">→</span>'
    joined = "mean of tokens" if config.combination == "token_mean" else "side by side"
    x0 = f'<span class="box plain">x₀<small>{input_dim(config, specs)}</small></span>'
    body = arrow.join(
        [
            f'<span class="features" title="{joined}">{chips}</span>',
            x0,
            _lanes(config, arrow),
            *([f'<span class="box plain">{config.head}</span>'] if config.structure == "parallel" else []),
            f'<span class="box plain">{html.escape(speech.nouns.rating)}</span>',
        ]
    )
    return f'{_STYLE}<div class="net" role="img" aria-label="{html.escape(in_words(config))}">{body}</div>'


def _lanes(config: ModelConfig, arrow: str) -> str:
    word = "order " if config.num_cross_layers <= 4 else ""  # eight boxes have room for the number only
    below = {"mixture": f"{config.num_experts} exp.", "gated": "gate"}  # of these, no order is exact
    cross = [
        f'<span class="box cross">×<small>{below.get(config.cross_kind, f"{word}{layer + 2}")}</small></span>'
        for layer in range(config.num_cross_layers)
    ]
    deep = [
        f'<span class="box deep">{width}<small>{choice_label(config.activation)}</small></span>'
        for width in config.deep_layer_sizes
    ]
    cross, deep = cross if has_cross(config) else [], deep if has_deep(config) else []
    if config.structure == "stacked":
        return f'<span class="lane">{arrow.join(cross + deep)}</span>'
    lanes = [
        f'<span class="lane"><em>{word}</em>{arrow.join(boxes) or "x₀"}</span>'
        for word, boxes, there in (("cross", cross, has_cross(config)), ("deep", deep, has_deep(config)))
        if there
    ]
    return f'<span class="lanes">{"".join(lanes)}</span>'


def in_words(config: ModelConfig) -> str:
    """The same for those who cannot see it."""
    parts = []
    if has_cross(config):
        experts = f" of {config.num_experts} experts" if config.cross_kind == "mixture" else ""
        parts.append(f"{config.num_cross_layers} {config.cross_kind.replace('_', ' ')} cross layers{experts}")
    if has_deep(config):
        parts.append(f"deep layers of {', '.join(map(str, config.deep_layer_sizes))}")
    return f"Network, {config.structure}: {' and '.join(parts)}"


def weights_by_part(counts: Mapping[str, int]) -> str:
    """Returns a bar of where the weights are, with its legend."""
    parts = [(name, counts[name]) for name in PARTS if counts.get(name)]
    bars = "".join(f'<i style="flex:{count};background:{COLOURS[name]}"></i>' for name, count in parts)
    legend = "".join(
        f'<span><i style="background:{COLOURS[name]}"></i>{PARTS[name]} <b>{count:,}</b></span>'
        for name, count in parts
    )
    return f'{_STYLE}<div class="share" aria-hidden="true">{bars}</div><div class="legend">{legend}</div>'
