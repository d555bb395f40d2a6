"""States as an enum, memory as a dataclass, rules as methods."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

import backtrader as bt


class State(Enum):
    FLAT = auto()
    ARMED = auto()
    LONG = auto()


@dataclass
class Memory:
    state: State = State.FLAT
    lows: deque[float] = field(default_factory=lambda: deque(maxlen=5))


class StateMachine(bt.Strategy):
    def __init__(self):
        self.memory = Memory()

    def next(self):
        memory = self.memory
        memory.lows.append(self.data.low[0])
        match memory.state:
            case State.FLAT if len(memory.lows) == 5 and self.data.low[0] == min(memory.lows):
                memory.state = State.ARMED
            case State.ARMED if self.data.close[0] > self.data.open[0]:
                self.buy(size=21)
                memory.state = State.LONG
            case State.LONG if self.data.low[0] == max(memory.lows):
                self.close()
                memory.state = State.FLAT
