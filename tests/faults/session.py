"""A session of the app without a browser: the messages that a browser would send, over the same socket."""

from collections.abc import Iterator
from contextlib import contextmanager

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


class Session:
    """One tab."""

    def __init__(self, socket: ClientConnection, query: str = "") -> None:
        self._socket = socket
        self._query = query

    def rerun(self, fragment: str = "") -> None:
        """Asks for the page, or for one fragment of it, as its timer would."""
        message = BackMsg()
        message.rerun_script.query_string = self._query
        message.rerun_script.fragment_id = fragment
        self._socket.send(message.SerializeToString())

    def until_drawn(self, timeout: float = 60) -> list[ForwardMsg]:
        """Receives what the server draws, to the end of the run of the script."""
        received = []
        while True:
            message = ForwardMsg()
            data = self._socket.recv(timeout=timeout)
            assert isinstance(data, bytes)
            message.ParseFromString(data)
            received.append(message)
            if message.WhichOneof("type") == "script_finished":
                return received


@contextmanager
def visit(url: str, query: str = "") -> Iterator[Session]:
    """Opens the app's front page in a tab of its own."""
    address = url.replace("http", "ws", 1) + "/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], origin=url, max_size=None) as socket:  # type: ignore[arg-type,list-item]
        yield Session(socket, query)
