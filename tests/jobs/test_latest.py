import threading

from hypothesis import given
from hypothesis import strategies as st

from circletake.jobs.latest import LatestSlot, Newest


@given(st.lists(st.one_of(st.integers(), st.none())))
def test_a_slot_gives_the_newest_and_drops_what_it_replaced(steps: list[int | None]) -> None:
    dropped: list[int] = []
    slot = LatestSlot[int](dropped.append)
    put: list[int] = []
    taken: list[int] = []
    waiting: int | None = None
    for step in steps:
        if step is None:
            assert slot.take() == waiting
            taken += [] if waiting is None else [waiting]
            waiting = None
        else:
            slot.put(step)
            put.append(step)
            waiting = step
    slot.clear()
    assert slot.take() is None
    assert sorted(taken + dropped) == sorted(put)


def test_under_many_threads_every_item_is_taken_or_dropped_once_and_the_last_one_is_never_dropped() -> None:
    dropped: list[int] = []
    slot = LatestSlot[int](dropped.append)
    taken: list[int] = []
    stop = threading.Event()

    def put(start: int) -> None:
        for number in range(start, start + 1000):
            slot.put(number)

    def take() -> None:
        while not stop.is_set():
            item = slot.take()
            if item is not None:
                taken.append(item)

    taker = threading.Thread(target=take)
    putters = [threading.Thread(target=put, args=(1000 * number,)) for number in range(4)]
    taker.start()
    for thread in putters:
        thread.start()
    for thread in putters:
        thread.join()
    slot.put(9999)
    stop.set()
    taker.join()
    rest = slot.take()
    assert sorted([*taken, *dropped, *([] if rest is None else [rest])]) == [*range(4000), 9999]
    assert 9999 not in dropped


def test_only_the_last_question_is_the_newest() -> None:
    newest = Newest()
    assert not newest.is_newest("never asked")
    first = newest.ask()
    assert newest.is_newest(first)
    second = newest.ask()
    assert newest.is_newest(second)
    assert not newest.is_newest(first)
