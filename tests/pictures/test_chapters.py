"""Every picture of every kind of network is whole: figure, sentence, help, description, numbers."""

import pytest

from dcn_core import study
from dcn_core.insight.path import path
from dcn_core.insight.sections import SECTIONS
from dcn_core.pictures.chapters import Material, chapters
from tests.test_study import finished

KINDS: dict[str, dict[str, object]] = {
    "matrix": {"head": "average"},
    "vector": {"structure": "cross", "cross_kind": "vector"},
    "stacked": {"structure": "stacked", "cross_kind": "low_rank"},
    "token mean": {"combination": "token_mean", "cross_kind": "vector"},
    "deep": {"structure": "deep", "user_bias": True},
}


@pytest.fixture(scope="module", params=KINDS)
def material(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Material:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_CACHE", str(tmp_path_factory.mktemp("cache")))
        left_out = ("ladder", "maps")  # what takes longest and is the same for all
        patch.setattr(study, "SECTIONS", {name: write for name, write in SECTIONS.items() if name not in left_out})
        run, subject = finished(tmp_path_factory.mktemp("runs"), **KINDS[request.param])
        study.write_report(run, subject)
        report = study.read_report(run)
        assert not report.problems
        names = {spec.name: subject.encoder.categories(spec.name) for spec in subject.encoder.specs}
        return Material(
            config=subject.network.config,
            insight=run.insight(),
            kept=subject.network.weights,
            sections=report.sections,
            problems={"ladder": "it was left out"},
            categories=names,
            features=list(names),
            example=path(subject.network, subject.data.inputs(subject.split.validation[:1]), names),
            actual=4.0,
        )


def test_every_picture_is_whole(material: Material) -> None:
    seen = []
    for chapter in chapters(material):
        for picture in chapter.pictures:
            seen.append(picture.key)
            where = (chapter.title, picture.key)
            assert picture.sentence.endswith(".") and "nan" not in picture.sentence, where
            assert len(picture.about) > 80 and "$" not in picture.about, where
            assert picture.alt and picture.title and len(picture.numbers) and len(picture.figure.data), where
    assert {"crosses", "categories", "parts", "head-shares", "path-steps", "embedding-map", "calibration"} <= set(seen)


def test_a_chapter_says_what_could_not_be_computed(material: Material) -> None:
    last = list(chapters(material))[-1]
    assert (last.title, last.missing) == ("Ladder", ["it was left out"])
