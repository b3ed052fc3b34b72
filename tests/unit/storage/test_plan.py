"""How a batch becomes few statements: order where it matters, nowhere else."""

from hypothesis import given
from hypothesis import strategies as st

from releve.storage.plan import strictly, together
from releve.storage.repositories import access, stations, tokens, transactions
from releve.storage.unit import Unit


def unit(*items):
    made = Unit()
    for write, key, row in items:
        made.write(write, row, key)
    return made


def test_rows_of_one_statement_go_together():
    units = [unit((tokens.ADD, n, (n,))) for n in range(5)]
    assert together(units) == [(tokens.ADD, [(n,) for n in range(5)])]


def test_parents_go_first():
    mixed = unit(
        (transactions.ADD_FACT, None, (1,)),
        (transactions.ADD, 1, (1,)),
        (stations.SAVE_EVSE, (1, 1, 1), (1,)),
        (stations.ADD, 1, (1,)),
    )
    tables = [write.table.name for write, _ in together([mixed])]
    assert tables.index("stations") < min(tables.index("evses"), tables.index("transactions"))
    assert len(tables) == 4


def test_a_row_is_added_before_it_is_saved_and_the_last_save_counts():
    units = [
        unit((tokens.ADD, 1, ("add", 1))),
        unit((tokens.SAVE, 1, ("save", 1, "a"))),
        unit((tokens.ADD, 2, ("add", 2))),
        unit((tokens.SAVE, 2, ("save", 2)), (tokens.SAVE, 1, ("save", 1, "b"))),
    ]
    assert together(units) == [
        (tokens.ADD, [("add", 1), ("add", 2)]),
        (tokens.SAVE, [("save", 1, "b"), ("save", 2)]),
    ]


def test_what_is_done_to_one_row_keeps_its_order():
    units = [
        unit((stations.CONNECTED, 1, ("up", 1))),
        unit((stations.DISCONNECTED, 1, ("down", 1))),
        unit((stations.CONNECTED, 1, ("up again", 1))),
        unit((stations.CONNECTED, 2, ("up", 2))),
    ]
    assert together(units) == [
        (stations.CONNECTED, [("up", 1)]),
        (stations.DISCONNECTED, [("down", 1)]),
        (stations.CONNECTED, [("up again", 1), ("up", 2)]),
    ]


def test_strictly_is_one_statement_after_the_other():
    one = unit(
        (tokens.ADD, 2, ("b",)),
        (tokens.REMOVE, 1, ("a",)),
        (tokens.ADD, 3, ("a again",)),
        (transactions.ADD_FACT, None, (1,)),
        (transactions.ADD_FACT, None, (2,)),
    )
    assert strictly(one) == [
        (tokens.ADD, [("b",)]),
        (tokens.REMOVE, [("a",)]),
        (tokens.ADD, [("a again",)]),
        (transactions.ADD_FACT, [(1,), (2,)]),
    ]


WRITES = (tokens.ADD, tokens.SAVE, tokens.REMOVE, access.SAVE_USER)


def collapsed(done):
    """Of the same statement for the same row, one after the other, only the last one."""
    return [
        each
        for each, after in zip(done, [*done[1:], (None, None)], strict=True)
        if after[0] is not each[0]
    ]


@given(st.lists(st.tuples(st.sampled_from(WRITES), st.integers(0, 4))))
def test_any_sequence_leaves_each_row_as_one_by_one_would(asked):
    items = [(write, key, (place,)) for place, (write, key) in enumerate(asked)]
    wanted, planned = {}, {}
    for write, key, (place,) in items:
        wanted.setdefault((write.table, key), []).append((write, place))
    for write, rows in together([unit(item) for item in items]):
        for (place,) in rows:
            planned.setdefault((write.table, asked[place][1]), []).append((write, place))
    assert planned.keys() == wanted.keys()
    for row, done in planned.items():
        assert collapsed(done) == collapsed(wanted[row])
