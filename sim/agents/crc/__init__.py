"""The Community Rehabilitation Company: its accounts, its book of contracts, its reviews and its rate card."""

from sim.agents.crc.agent import CrcAgent

__all__ = ["CrcAgent"]
