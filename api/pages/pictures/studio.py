"""Has pictures drawn by a process of their own, all of a release at once, and keeps them."""

import asyncio
import hashlib
import os
import subprocess
import sys
import zlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import orjson

THEMES = ("light", "dark")
"""What a reader may prefer."""
_KEPT_SETS = 400
"""Sets that are kept: of a release and language about 20 kilobytes each, compressed."""
_PATIENCE_S = 60


class Drawn:
    """The pictures of one order, compressed."""

    def __init__(self, pictures: Mapping[tuple[str, str], str]) -> None:
        self._packed = {key: zlib.compress(svg.encode()) for key, svg in pictures.items()}

    def svg(self, name: str, theme: str) -> bytes | None:
        """Return a picture, or ``None`` if there is none of this name."""
        packed = self._packed.get((name, theme))
        return None if packed is None else zlib.decompress(packed)


class Studio:
    """Draws what is ordered, once; the same order comes to the same picture."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Drawn] = OrderedDict()
        self._under_way: dict[bytes, asyncio.Task[Drawn]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def drawn(self, orders: Mapping[str, Mapping[str, Any]]) -> Drawn:
        """Return pictures in all themes.

        Args:
            orders: What to draw, by the name of the picture; see `api.pages.pictures.drawing`.

        Raises:
            OSError, subprocess.SubprocessError: They cannot be drawn.
        """
        key = hashlib.sha256(orjson.dumps(orders)).digest()
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
            return kept
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._draw(key, orders))
            task.add_done_callback(partial(self._end, key))
        return await asyncio.shield(task)  # it goes on for the others when a reader leaves

    def _end(self, key: bytes, task: "asyncio.Task[Drawn]") -> None:
        self._under_way.pop(key, None)
        if not task.cancelled():
            task.exception()  # all readers may have left, and then nobody else asks for it

    async def _draw(self, key: bytes, orders: Mapping[str, Mapping[str, Any]]) -> Drawn:
        names = [(name, theme) for name in orders for theme in THEMES]
        async with self._one_at_a_time:
            ordered = [{**orders[name], "theme": theme} for name, theme in names]
            pictures = await asyncio.to_thread(_drawn_apart, ordered)
        found = Drawn(dict(zip(names, pictures, strict=True)))
        self._kept[key] = found
        while len(self._kept) > _KEPT_SETS:
            self._kept.popitem(last=False)
        return found


def _drawn_apart(orders: Sequence[Mapping[str, Any]]) -> list[str]:
    """Draw in a new process, which knows no address or password of ours."""
    known = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PATH": os.defpath}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "api.pages.pictures.drawing"],
        input=orjson.dumps(orders),
        env=known,
        capture_output=True,
        check=True,
        timeout=_PATIENCE_S,
        start_new_session=True,
    )
    pictures: list[str] = orjson.loads(done.stdout)
    return pictures
