"""An epoch of training beside Keras `fit`, PyTorch and JAX: the notebook's network, and the one with ids."""

from dataclasses import dataclass

from benchmarks.bench import Bench
from benchmarks.results import Section, Timing
from benchmarks.turns import PEERS_PYTHON, Player, take_turns

TRIALS = 2


@dataclass(frozen=True)
class Contestant:
    """Somebody who trains an epoch.

    Attributes:
        who: Name in the tables.
        module: The player.
        steps: Steps in a turn, 0 for a whole epoch.
        variants: Ways to do it; the fastest in a trial plays.
        limit: Our bar against it, None for none.
    """

    who: str
    module: str
    steps: int
    variants: tuple[str, ...]
    limit: float | None = None


PYTORCH = ("eager", "eager-1-thread")
JAX = ("gather", "one-hot", "gather+packed", "one-hot+packed")

NOTEBOOK = (
    Contestant("Keras fit", "keras_fit", 300, ("default",), 1 / 15),
    Contestant("Keras fit, 50 steps a call", "keras_fit", 300, ("many-steps",)),
    Contestant("PyTorch", "peers_torch", 300, PYTORCH, 1 / 5),
    Contestant("JAX", "peers_jax", 0, JAX, 1.2),
)


def ids(steps: int) -> tuple[Contestant, ...]:
    """The contestants of the network with ids; ours and JAX's turns are four times as long."""
    return (
        Contestant("Keras fit", "keras_fit", steps, ("default", "no-xla"), 1 / 2),
        Contestant("PyTorch", "peers_torch", steps, (*PYTORCH, "compiled"), 1.0),
        Contestant("JAX", "peers_jax", 4 * steps, ("gather", "gather+packed"), 1.0),
    )


HOW = [
    "Each contestant is a process of its own; all play in turns within one run (A B C D, A B C D, ...), after a first turn "
    "that compiles and warms up and is not counted. Ratios are those of the medians.",
    "An epoch is shuffling, training and validation. Where a turn is a part of an epoch, its training and validation are "
    "scaled to the whole one.",
    "Keras fit: NumPy arrays, `compile` and `fit(batch_size, validation_data)`, silent. Where variants are named, the "
    "faster was taken.",
    "PyTorch: all data in one tensor, batches by index, `EmbeddingBag` and one table for all single-valued features, L2 as "
    "weight decay inside fused or foreach optimisers.",
    "JAX: one jitted `lax.scan` over all steps with donated state; gradients of tables are dense, as JAX makes them.",
    "All train the same mathematics with the same optimiser; only the initial weights and the order of the rows differ.",
]


def notebook(bench: Bench) -> Section:
    """The original notebook's network at its batch size."""
    return _measure(bench, "notebook", "The notebook's network, batch 256", "notebook", 256, NOTEBOOK, 0)


def ids_1024(bench: Bench) -> Section:
    """DCN-V2 with ids at batch 1024."""
    return _measure(bench, "ids-1024", "DCN-V2 with user and movie ids, batch 1024", "ids", 1024, ids(80), 320)


def ids_4096(bench: Bench) -> Section:
    """DCN-V2 with ids at batch 4096."""
    return _measure(bench, "ids-4096", "DCN-V2 with user and movie ids, batch 4096", "ids", 4096, ids(24), 96)


def _measure(
    bench: Bench, name: str, title: str, network: str, batch_size: int, contestants: tuple[Contestant, ...], steps: int
) -> Section:
    section = Section(name, title, notes=HOW if network == "notebook" else ["As for the notebook's network."])
    task = bench.task(network, batch_size)
    ours = Player("Playground", "benchmarks.ours", [task, bench.steps(steps), bench.cache])
    started = {
        contestant: {
            variant: Player(
                contestant.who,
                f"benchmarks.{contestant.module}",
                [task, bench.steps(contestant.steps), variant],
                python=PEERS_PYTHON if contestant.module.startswith("peers_") else None,
            )
            for variant in contestant.variants
        }
        for contestant in contestants
    }
    ours.ready()
    for contestant in contestants:
        _wait(section, contestant, started[contestant])
    chosen = {contestant: _fastest(section, contestant, started[contestant]) for contestant in contestants}
    players = [ours, *(started[contestant][variant] for contestant, variant in chosen.items())]
    answers = take_turns(players, bench.rounds)
    for player in players:
        player.close()
    variants = {contestant.who: chosen[contestant] for contestant in contestants if len(contestant.variants) > 1}
    for who, turns in answers.items():
        section.timings.append(Timing(who, [_epoch(turn) for turn in turns], variant=variants.get(who, "")))
        section.facts[f"{who}: of which validation"] = f"{turns[-1]['validation_s'] / turns[-1]['share']:.2f} s"
        section.facts[f"{who}: training error in the last turn"] = f"{turns[-1]['train_mse']:.4f}"
    for contestant in contestants:
        if contestant.limit is not None:
            section.compare(title, contestant.who, contestant.limit)
    return section


def _wait(section: Section, contestant: Contestant, players: dict[str, Player]) -> None:
    """Waits until all variants of a contestant are ready; those that cannot run here are left out."""
    for variant, player in list(players.items()):
        try:
            player.ready()
        except RuntimeError as error:
            reason = str(error).strip().splitlines()[-1]
            section.notes = [*section.notes, f"{contestant.who}, {variant}: could not run here ({reason})."]
            del players[variant]


def _fastest(section: Section, contestant: Contestant, players: dict[str, Player]) -> str:
    """Tries the variants of a contestant, ends all players but the fastest, and returns its variant."""
    if len(players) == 1:
        return next(iter(players))
    times = {variant: min(_epoch(player.turn()) for _ in range(TRIALS)) for variant, player in players.items()}
    best = min(times, key=lambda variant: times[variant])
    for variant, player in players.items():
        if variant != best:
            player.close()
    tried = ", ".join(f"{variant} {seconds:.2f} s" for variant, seconds in times.items())
    section.facts[f"{contestant.who}: variants tried"] = tried
    return best


def _epoch(turn: dict[str, float]) -> float:
    """Seconds of a whole epoch."""
    return (turn["train_s"] + turn["validation_s"]) / turn["share"]
