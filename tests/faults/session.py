"""A session of the app without a browser: the messages that a browser would send, over the same socket."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect


def address(url: str) -> str:
    """Where the server at `url` takes sessions."""
    return url.replace("http", "ws", 1) + "/_stcore/stream"


def request(query: str = "", fragment: str = "", pressed: str = "") -> bytes:
    """The message that asks for the page.

    Args:
        query: What stands behind the `?` of its address.
        fragment: Id of the fragment to draw, as its timer would ask; empty for the whole page.
        pressed: Id of the button that was pressed, if one was.
    """
    message = BackMsg()
    message.rerun_script.query_string = query
    message.rerun_script.fragment_id = fragment
    if pressed:
        message.rerun_script.widget_states.widgets.add(id=pressed, trigger_value=True)
    return message.SerializeToString()


class Session:
    """One tab."""

    def __init__(self, socket: ClientConnection, query: str = "") -> None:
        self._socket = socket
        self.query = query
        self.buttons: dict[str, str] = {}
        """Ids of the buttons that were drawn, by their keys."""
        self.timers: dict[str, float] = {}
        """Seconds between two requests for each live fragment, by its id."""

    @property
    def run(self) -> str:
        """Id of the run that the address names."""
        return parse_qs(self.query)["run"][0]

    def rerun(self, fragment: str = "") -> None:
        """Asks for the page, or for one fragment of it, as its timer would."""
        self._socket.send(request(self.query, fragment))

    def go_to(self, query: str) -> None:
        """Asks for the page at an address in the browser's history."""
        self.query = query
        message = BackMsg()
        message.rerun_script.query_string, message.rerun_script.is_history_navigation = query, True
        self._socket.send(message.SerializeToString())

    def press(self, key: str) -> None:
        """Presses a button that was drawn."""
        self._socket.send(request(self.query, pressed=self.buttons[key]))

    def until_drawn(self, timeout: float = 60) -> list[ForwardMsg]:
        """Receives what the server draws, to the end of the run of the script."""
        received = []
        while True:
            data = self._socket.recv(timeout=timeout)
            assert isinstance(data, bytes)
            message = ForwardMsg.FromString(data)
            received.append(message)
            match message.WhichOneof("type"):
                case "new_session" if not message.metadata.run.fragment_ids:  # the whole page is drawn anew
                    self.buttons, self.timers = {}, {}
                case "auto_rerun":
                    self.timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
                case "page_info_changed":
                    self.query = message.page_info_changed.query_string
                case "delta" if button := message.delta.new_element.button.id:
                    self.buttons[button.split("-", 2)[2]] = button  # `$$ID-<hash>-<key>`
                case "script_finished" if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return received


@contextmanager
def visit(url: str, query: str = "") -> Iterator[Session]:
    """Opens the app's front page in a tab of its own."""
    with connect(address(url), subprotocols=["streamlit"], origin=url, max_size=None) as socket:  # type: ignore[arg-type,list-item]
        yield Session(socket, query)
