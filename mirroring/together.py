"""Doing several things at once, of which one that fails ends the others."""

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

DoneT = TypeVar("DoneT")


async def together(works: Iterable[Awaitable[DoneT]]) -> list[DoneT]:
    """Return what ``works`` return, in their order; nothing of them runs on after a failure.

    Raises:
        Exception: What the first of them raised that failed, as it is.
    """
    running = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*running)
    except BaseException:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        raise
