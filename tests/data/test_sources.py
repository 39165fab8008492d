import subprocess
import sys

import pytest

from dcn_core.config.data import DataConfig
from dcn_core.data.sources import load_dataset, parse_source, stamp
from dcn_core.errors import DataError


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("generated", {"source": "generated"}),
        (" generated ", {"source": "generated"}),
        ("generated:1000000", {"source": "generated", "num_ratings": 1_000_000}),
        ("generated:1_000_000", {"source": "generated", "num_ratings": 1_000_000}),
        ("/data/ml-1m.zip", {"source": "/data/ml-1m.zip"}),
        ("'/my data/ml-1m.zip'", {"source": "/my data/ml-1m.zip"}),
        ("C:\\ml-1m.zip", {"source": "C:\\ml-1m.zip"}),
        ("./generated", {"source": "./generated"}),
    ],
)
def test_a_short_form_becomes_config_fields(text, fields):
    assert parse_source(text) == fields
    DataConfig(**fields)


@pytest.mark.parametrize(
    "text", ["", "  ", "''", "generated:", "generated:many", "generated:-5", "generated:1e6", "generated:²"]
)
def test_what_is_no_source_is_refused(text):
    with pytest.raises(DataError, match="Received"):
        parse_source(text)


def test_the_config_knobs_of_the_world_all_matter():
    base = {"source": "generated", "num_ratings": 1000}
    changed = [{}, {"num_ratings": 1001}, {"world_seed": 2}, {"noise": 0.1}, {"cross_age_year": 0.4}]
    assert len({load_dataset(DataConfig(**(base | change))).fingerprint for change in changed}) == 5


def test_the_number_in_a_source_wins_over_the_field():
    assert load_dataset(DataConfig(source="generated:2000", num_ratings=1000)).num_ratings == 2000


def test_importing_the_room_is_cheap_and_has_no_side_effects(tmp_path):
    code = (
        "import sys, random; before = random.getstate()\n"
        "from dcn_core.data import sources, splits, encoder, profile\n"
        "assert not {'tensorflow', 'keras', 'streamlit', 'sklearn', 'scipy'} & set(sys.modules), 'heavy imports'\n"
        "assert random.getstate() == before\n"
    )
    environment = {
        "PLAYGROUND_CACHE": str(tmp_path / "cache"),
        "PATH": "",
        "PYTHONPATH": ":".join(filter(None, sys.path)),
    }
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert not (tmp_path / "cache").exists()


def test_a_file_that_is_replaced_has_another_stamp(tmp_path):
    file = tmp_path / "a.csv"
    config = DataConfig(source=str(file))
    assert stamp(config) == stamp(DataConfig(source="generated")) == (0, 0)
    file.write_text("a,b\n1,2\n")
    first = stamp(config)
    file.write_text("a,b\n1,2\n3,4\n")
    assert first[0] == 8 and stamp(config)[0] == 12 and stamp(config) != first
