"""What a queue is in the exchange's file."""

import re

import pytest
from msgspec.structs import replace

from callcenter import config
from callcenter.asterisk.dialplan import Ports, render_exchange
from callcenter.asterisk.spoken import SPOKEN, prompt_for
from callcenter.asterisk.ways import Sounds
from callcenter.secrets import Secrets
from callcenter.switchboard.names import LONGEST, name_for
from callcenter.switchboard.plan import Plan, Queue, Strategy

SALES = Queue(name="sales", title="Sales")
SETTINGS = config.load(config.ROOT / "config.toml").asterisk
HERE = Sounds(path="/sounds")


def files(queue, sounds=HERE):
    return render_exchange(
        config=SETTINGS,
        ports=Ports.from_first(17000),
        secrets=Secrets(ami="a", carrier="c", phones="p", pages="s"),
        plan=Plan(queues=(queue,)),
        carrier="127.0.0.1:17004",
        sounds=sounds,
    )


def section(text, name):
    return dict(re.findall(r"^(\S+) = (.*)$", text.partition(f"\n[{name}]")[2], re.MULTILINE))


@pytest.mark.parametrize("strategy", Strategy)
def test_the_strategy_stands_once_for_of_two_the_exchange_takes_the_first(strategy):
    text = files(replace(SALES, strategy=strategy))["queues.conf"]

    assert re.findall(r"^strategy = (.*)$", text, re.MULTILINE) == [strategy.value]


def test_a_queue_that_says_nothing_announces_nothing():
    found = section(files(SALES)["queues.conf"], "sales")

    assert not found.keys() & {"announce-frequency", "announce-position", "musicclass"}


def test_place_and_waiting_time_are_said_each_by_itself():
    found = section(files(replace(SALES, says_wait=True, says_every_s=90))["queues.conf"], "sales")

    assert found["announce-holdtime"] == "once"
    assert found["announce-position"] == "no"
    assert found["announce-frequency"] == "90"


def test_music_of_its_own_is_a_class_with_that_one_sound():
    found = files(replace(SALES, music="jingle"))

    assert section(found["queues.conf"], "sales")["musicclass"] == "callcenter-jingle"
    assert section(found["musiconhold.conf"], "callcenter-jingle") == {
        "mode": "playlist",
        "entry": "/sounds/jingle",
    }


@pytest.mark.parametrize("sounds", [Sounds(), Sounds(there=frozenset(), path="/sounds")])
def test_music_that_is_not_there_is_the_exchanges_own(sounds):
    found = files(replace(SALES, music="jingle"), sounds)

    assert "musicclass" not in section(found["queues.conf"], "sales")
    assert "jingle" not in found["musiconhold.conf"]


@pytest.mark.parametrize("sound", SPOKEN)
def test_what_is_said_can_be_replaced_by_a_prompt_of_that_title(sound):
    prompt = prompt_for(sound)

    assert name_for(prompt, (), "prompt") == prompt and len(prompt) <= LONGEST
