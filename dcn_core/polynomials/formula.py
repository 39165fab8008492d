"""A polynomial as a person writes it, read without running anything."""

import ast
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dcn_core.errors import ConfigError

Monomial = tuple[int, ...]
"""Numbers of the inputs that are multiplied, from 1, in order: `(1, 1, 2)` is x1² x2, `()` is 1."""

MOST_LETTERS, MOST_INPUTS, MOST_DEGREE, MOST_MONOMIALS = 20_000, 120, 5, 8_000
"""Limits of a formula; the last one is of all products up to its degree, whether or not it has them."""
_INPUT = re.compile(r"x([1-9][0-9]{0,3})")
_SUPERSCRIPTS = str.maketrans({"²": "**2", "³": "**3", "⁴": "**4", "⁵": "**5", "^": "**", "·": "*", "×": "*", "−": "-"})
_HOW = "Write for instance x1² + 0.1 x1 x2 - (x2 + x3)**3, with inputs x1, x2 and so on."


@dataclass(frozen=True)
class Polynomial:
    """A sum of products of inputs.

    Attributes:
        coefficients: By monomial; none is zero.
        num_inputs: Inputs x1 to x`num_inputs`.
    """

    coefficients: Mapping[Monomial, float]
    num_inputs: int

    @property
    def degree(self) -> int:
        """Inputs in the longest product."""
        return max((len(monomial) for monomial in self.coefficients), default=0)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Returns the values at `x` `(n, num_inputs)`, float64 `(n,)`."""
        total = np.zeros(len(x))
        for monomial, coefficient in self.coefficients.items():
            total += coefficient * np.prod(x[:, [number - 1 for number in monomial]], axis=1)
        return total

    def spread(self, rows: int = 10_000) -> float:
        """Returns the standard deviation of the values at `rows` inputs drawn uniformly from [-1, 1]: the error of always
        answering their mean."""
        return float(np.std(self(np.random.default_rng(0).uniform(-1, 1, (rows, self.num_inputs)))))


def parse(text: str) -> Polynomial:
    """Reads a formula: numbers, inputs, + - * / ** and brackets; a product needs no sign between its parts.

    Raises:
        ConfigError: It is something else, or larger than the limits; says what and where.
    """
    if len(text) > MOST_LETTERS:
        raise ConfigError(f"a formula must have at most {MOST_LETTERS:,} letters. Received: {len(text):,}.")
    # A closing part before an opening one is a product: 0.1x1x2, 2(x1 + x2).
    spelled = re.sub(r"(?<=[0-9)])[ \t]*(?=[x(])", "*", text.translate(_SUPERSCRIPTS).strip())
    try:
        tree = ast.parse(spelled, mode="eval")
        terms = _read(tree.body)
    except (SyntaxError, ValueError):
        raise ConfigError(f"a formula is a sum of products. Received: '{_short(text)}'. {_HOW}") from None
    except (RecursionError, MemoryError):
        raise ConfigError("the formula is nested too deeply. Use fewer brackets or terms.") from None
    kept = {
        monomial: value for monomial, value in sorted(terms.items(), key=lambda item: (len(item[0]), item[0])) if value
    }
    if not any(kept):
        raise ConfigError(
            f"a formula needs at least one input that does not cancel. Received: '{_short(text)}'. {_HOW}"
        )
    if not all(map(math.isfinite, kept.values())):
        raise ConfigError("the coefficients of a formula must be finite numbers. Use smaller ones.")
    found = Polynomial(kept, max(max(monomial) for monomial in kept if monomial))
    products = math.comb(found.num_inputs + found.degree, found.degree)
    if products > MOST_MONOMIALS:
        raise ConfigError(
            f"{found.num_inputs} inputs have {products:,} products of up to {found.degree}, and at most {MOST_MONOMIALS:,} can "
            "be told apart. Use fewer inputs or shorter products."
        )
    return found


def _read(node: ast.expr) -> dict[Monomial, float]:
    """The terms of a part of a formula. Only what is named here is understood."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return {(): _number(value)}
        case ast.Name(id=name):
            return {(_input(name),): 1.0}
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _read(operand)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _times(_read(operand), {(): -1.0})
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _plus(_read(left), _read(right))
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _plus(_read(left), _times(_read(right), {(): -1.0}))
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return _times(_read(left), _read(right))
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            divisor = _read(right)
            if set(divisor) != {()} or not divisor[()]:
                raise ConfigError("a formula may divide by a number other than 0 only. Divide by no input.")
            return _times(_read(left), {(): 1 / divisor[()]})
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(_read(left), right)
    raise ConfigError(
        f"a formula has numbers, inputs, + - * / ** and brackets only. Received: '{_short(ast.unparse(node))}'. {_HOW}"
    )


def _number(value: float) -> float:
    if abs(value) > 1e9:
        raise ConfigError("the numbers of a formula must lie between -10⁹ and 10⁹. Use smaller ones.")
    return float(value)


def _input(name: str) -> int:
    found = _INPUT.fullmatch(name)
    if not found or int(found[1]) > MOST_INPUTS:
        raise ConfigError(f"the inputs of a formula are x1 to x{MOST_INPUTS}. Received: '{_short(name)}'.")
    return int(found[1])


def _power(base: dict[Monomial, float], node: ast.expr) -> dict[Monomial, float]:
    exponent = node.value if isinstance(node, ast.Constant) else None
    if type(exponent) is not int or not 0 <= exponent <= MOST_DEGREE:
        raise ConfigError(
            f"an exponent must be a whole number from 0 to {MOST_DEGREE}. Received: '{_short(ast.unparse(node))}'."
        )
    result: dict[Monomial, float] = {(): 1.0}
    for _ in range(exponent):
        result = _times(result, base)
    return result


def _plus(left: dict[Monomial, float], right: dict[Monomial, float]) -> dict[Monomial, float]:
    total = dict(left)
    for monomial, value in right.items():
        total[monomial] = total.get(monomial, 0.0) + value
    return total


def _times(left: dict[Monomial, float], right: dict[Monomial, float]) -> dict[Monomial, float]:
    if len(left) * len(right) > 10 * MOST_MONOMIALS:
        raise ConfigError("the brackets of the formula have too many terms to multiply out. Use fewer.")
    product: dict[Monomial, float] = {}
    for a, x in left.items():
        for b, y in right.items():
            monomial = tuple(sorted(a + b))
            if len(monomial) > MOST_DEGREE:
                raise ConfigError(f"a product must have at most {MOST_DEGREE} inputs. Received: {name_of(monomial)}.")
            product[monomial] = product.get(monomial, 0.0) + x * y
    return product


def name_of(monomial: Monomial) -> str:
    """A monomial as text: `x1² x3`; `1` for none."""
    powers = {number: monomial.count(number) for number in monomial}
    raised = {1: "", 2: "²", 3: "³", 4: "⁴", 5: "⁵"}
    return " ".join(f"x{number}{raised.get(power, f'^{power}')}" for number, power in powers.items()) or "1"


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}…"
