"""Categories have the names that people know them by, those of a table of one's own as well."""

from pathlib import Path

import numpy as np

from dcn_core.data.encoder import Encoder
from dcn_core.data.own_table import load_table
from dcn_core.data.table_file import read_head
from dcn_core.data.table_roles import guess
from dcn_core.insight.naming import category_names
from tests.data.tables import purchases


def test_users_and_items_of_a_table_have_its_names(tmp_path: Path) -> None:
    path = tmp_path / "purchases.csv"
    frame = purchases()
    frame.to_csv(path, index=False)
    dataset = load_table(path, guess(read_head(path).table))
    encoder = Encoder.fit(dataset, np.arange(dataset.num_ratings), ["user_id", "movie_id", "channel"])
    for feature, column, prefix in (("user_id", "customer_id", "Customer "), ("movie_id", "product_name", "")):
        names = category_names(encoder, feature, dataset)
        index = {"user_id": encoder.encode_users(dataset.users), "movie_id": encoder.encode_movies(dataset.movies)}
        rows = dataset.rows("user" if feature == "user_id" else "movie")
        assert [names[k] for k in index[feature][feature][rows]] == [f"{prefix}{value}" for value in frame[column]]
        unread = category_names(encoder, feature, None)
        assert unread[1:3] == [f"{'User' if feature == 'user_id' else 'Movie'} {number}" for number in (1, 2)]
    assert set(category_names(encoder, "channel", dataset)[1:]) == {"web", "shop"}
