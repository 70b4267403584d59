"""The load of bench_range: players who ask for pieces, one after the other on each connection."""

import asyncio
import json
import sys
import time

PIECE = 64 * 1024


async def player(address: str, port: int, head: str, size: int, until: float, seed: int) -> int:
    """How many pieces came whole until then."""
    reader, writer = await asyncio.open_connection(address, port, limit=2**20)
    done, place = 0, seed * 7919
    while time.monotonic() < until:
        first = place * PIECE % (size - PIECE)
        place += 1
        writer.write(f"{head}Range: bytes={first}-{first + PIECE - 1}\r\n\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 206"), answer[:200]
        await reader.readexactly(PIECE)
        done += 1
    writer.close()
    return done


async def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        until = time.monotonic() + asked["seconds"]
        counts = await asyncio.gather(
            *(
                player("127.0.0.1", asked["port"], asked["head"], asked["size"], until, seed)
                for seed in range(asked["players"])
            )
        )
        print(json.dumps(sum(counts)), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
