"""What is asked for often is done once, soon, and not later than the end."""

import math
import threading

from provstore.storage.delayed_writing import DelayedWriting


def test_it_is_done_once_for_all_who_asked_meanwhile() -> None:
    acts = list[int]()
    writing = DelayedWriting(lambda: acts.append(1), delay=1e6)
    for _ in range(50):
        writing.request()
    assert not acts
    writing.flush()
    writing.flush()
    assert acts == [1]
    writing.close()
    assert acts == [1]


def test_it_is_done_without_being_waited_for() -> None:
    done = threading.Event()
    DelayedWriting(done.set, delay=0.01).request()
    assert done.wait(60)
    done.clear()
    DelayedWriting(done.set, delay=1e6).request(at_once=True)
    assert done.wait(60)


def test_what_was_asked_for_last_is_never_forgotten() -> None:
    """Many threads ask; when all is closed, the last state was written."""
    state, written = [0], [0]
    writing = DelayedWriting(lambda: written.append(state[0]), delay=0.0)

    def ask() -> None:
        for _ in range(200):
            state[0] += 1
            writing.request()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writing.close()
    assert written[-1] == state[0]


def test_without_end_it_waits_and_starts_no_thread() -> None:
    acts = list[int]()
    writing = DelayedWriting(lambda: acts.append(1), delay=math.inf)
    before = threading.active_count()
    writing.request(at_once=True)
    assert threading.active_count() == before
    writing.close()
    assert acts == [1]
