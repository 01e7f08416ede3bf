"""Whether there is enough data to share a next release, in coarse words."""

import datetime as dt
from enum import Enum
from typing import Self

import strawberry

from loaders.gate_status import GateStatusRecord
from schema.arguments import LanguageArgument
from schema.types.language import Language
from schema.weights import GATE_REASONS

_ENGLISH = {
    "BANKS": "Too few banks or cities contribute.",
    "BALANCE": "Too large a part comes from one or two banks.",
    "VOLUME": "There are too few new units, or too few of a bank.",
    "ANONYMITY": "Too few units would share their published values.",
    "HELD_BACK": "Too many units would wait, overall or of a group.",
    "CONSENT": "A consent is missing or has ended.",
    "QUALITY": "Data are incomplete, or donations seem to be counted twice.",
    "ORIGIN": "Made-up units must not pass as real ones.",
    "TIME": "It is too early after the last release or the collection.",
    "GOVERNANCE": "Approvals, or agreements of banks to be named, are missing.",
}
_CHINESE = {
    "BANKS": "参与的血库或城市过少。",
    "BALANCE": "来自一两家血库的比例过大。",
    "VOLUME": "新增单位过少或某家血库的单位过少。",
    "ANONYMITY": "具有相同公开值的单位过少。",
    "HELD_BACK": "整体或某一群体中暂缓发布的单位过多。",
    "CONSENT": "缺少同意或同意已撤回。",
    "QUALITY": "数据不完整或疑似重复计数。",
    "ORIGIN": "合成单位不得作为真实单位发布。",
    "TIME": "距上次发布或采集的时间过短。",
    "GOVERNANCE": "缺少批准或缺少血库同意具名的协议。",
}


@strawberry.enum(
    description="Why the gate is closed. Several checks share a word, so that none tells a number."
)
class GateReason(Enum):
    """The words of `domain.gate_reasons`."""

    BANKS = strawberry.enum_value("BANKS", description=_ENGLISH["BANKS"])
    BALANCE = strawberry.enum_value("BALANCE", description=_ENGLISH["BALANCE"])
    VOLUME = strawberry.enum_value("VOLUME", description=_ENGLISH["VOLUME"])
    ANONYMITY = strawberry.enum_value("ANONYMITY", description=_ENGLISH["ANONYMITY"])
    HELD_BACK = strawberry.enum_value("HELD_BACK", description=_ENGLISH["HELD_BACK"])
    CONSENT = strawberry.enum_value("CONSENT", description=_ENGLISH["CONSENT"])
    QUALITY = strawberry.enum_value("QUALITY", description=_ENGLISH["QUALITY"])
    ORIGIN = strawberry.enum_value("ORIGIN", description=_ENGLISH["ORIGIN"])
    TIME = strawberry.enum_value("TIME", description=_ENGLISH["TIME"])
    GOVERNANCE = strawberry.enum_value("GOVERNANCE", description=_ENGLISH["GOVERNANCE"])


@strawberry.type(
    description="Whether there is enough data to share the next release: how its checks stood when "
    "the operator last looked. Measured values are never told. Live: not pinned to a release."
)
class Gate:
    """The newest look at the gate."""

    open: bool = strawberry.field(description="Whether every check passed.")
    reasons: list[GateReason] = strawberry.field(
        description="Why it is closed, in the order of the enum; empty while it is open.",
        directives=GATE_REASONS,
    )
    release: int = strawberry.field(description="Number of the release that was looked at.")
    checked_on: dt.date = strawberry.field(description="Day of the look.")
    held_back_percent: int | None = strawberry.field(
        description="Whole per cent of the units considered that would have to wait; null where "
        "none were considered."
    )

    @strawberry.field(description="The reasons as sentences.", directives=GATE_REASONS)
    def sentences(self, language: LanguageArgument = Language.EN) -> list[str]:
        """Pick the sentences in a language."""
        words = _CHINESE if language is Language.ZH else _ENGLISH
        return [words[reason.name] for reason in self.reasons]

    @classmethod
    def of(cls, record: GateStatusRecord) -> Self:
        """Return the public view of a look."""
        return cls(
            open=record.is_open,
            reasons=[GateReason(name) for name in record.reasons],
            release=record.release,
            checked_on=record.checked_on,
            held_back_percent=record.held_back_percent,
        )
