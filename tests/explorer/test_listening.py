"""What is served is sent at once."""

import asyncio
import socket

import pytest

from accrete.explorer.listening import listen


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_no_part_of_an_answer_waits_until_the_part_before_is_confirmed(host: str) -> None:
    delayed = []

    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sent_on = writer.get_extra_info("socket")
        delayed.append(not sent_on.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    async def ask() -> None:
        with listen(host, 0) as listening:
            server = await asyncio.start_server(answer, sock=listening)
            async with server:
                reader, writer = await asyncio.open_connection(host, listening.getsockname()[1])
                assert await reader.read() == b""
                writer.close()

    asyncio.run(ask())
    assert delayed == [False]
