"""The Settings screen: keys that nobody sees again, models, the sandbox's decisions, the installation."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import core.services
from core.cluster import ClusterState, ClusterWorker
from core.domain.isolation import Isolation
from core.domain.usage import Price
from core.sandbox import Sandbox
from core.services import Services, Settings
from core.services.agent_token import read_token
from core.services.connections import FOLDER, Connection
from pages.components.settings_keys import find_cheapest
from tests.llm.asking import warm_up
from tests.llm.fault_server import FaultServer, Reply, fault_server
from tests.pages.conftest import _opener, shown

CANARY = "sk-canary-0123456789abcdef"


class Measured(Sandbox):
    """A sandbox on a machine of the test's choice."""

    level = 2

    def isolation(self) -> Isolation:
        return Isolation(level=self.level, open_probes=() if self.level == 2 else ("read",), detail=f"Level {self.level}: as measured.")


@pytest.fixture
def platform(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Services in a home of their own, on a machine without keys and without a keyring."""
    for name in ("OPENAI_API_KEY", "OPENAI_API_BASE", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    services = Services(Settings(home=tmp_path))
    services.rooms.keys._use_keyring = False
    monkeypatch.setattr(core.services, "_services", services)
    yield services
    services.close()


@pytest.fixture
def screen(platform: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    """A tab of the Settings screen."""
    opener = _opener(platform, monkeypatch)

    def start(tab: str) -> AppTest:
        app = opener("settings")
        app.session_state["settings_tab"] = tab
        app.run()
        assert not app.exception
        return app

    return start


@pytest.fixture(scope="module")
def server() -> Iterator[FaultServer]:
    """A server that speaks OpenAI's protocol."""
    with fault_server() as running:
        warm_up(running.base)
        yield running


def enter(app: AppTest, key: str) -> AppTest:
    """Type a key and save it."""
    app.text_input(key="settings_key").set_value(key)
    app.button(key="settings_save").click().run()
    assert not app.exception
    return app


def test_a_key_is_taken_for_the_session_and_is_on_no_screen_and_in_no_file(
    screen: Callable[[str], AppTest], platform: Services, tmp_path: Path
) -> None:
    app = enter(screen("Keys"), CANARY)
    assert platform.rooms.keys("openai") == CANARY
    assert "this session" in shown(app) or any("this session" in one.value for one in app.success)
    assert app.text_input(key="settings_key").value == ""
    assert CANARY not in shown(app) + json.dumps({name: str(app.session_state[name]) for name in app.session_state})
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]


def test_a_key_can_be_forgotten(screen: Callable[[str], AppTest], platform: Services) -> None:
    app = enter(screen("Keys"), CANARY)
    app.button(key="settings_forget").click().run()
    assert platform.rooms.keys("openai") is None
    assert "No key yet" in shown(app)


def test_an_empty_field_is_no_key(screen: Callable[[str], AppTest], platform: Services) -> None:
    app = enter(screen("Keys"), "   ")
    assert any("no key in the field" in error.value for error in app.error)
    assert platform.rooms.keys("openai") is None


def test_a_key_of_the_environment_is_named_by_its_variable(
    screen: Callable[[str], AppTest], platform: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)
    app = screen("Keys")
    table = app.dataframe[0].value.set_index("Provider")
    assert table.loc["OpenAI", "Key"] == "Environment"
    assert not any(button.key == "settings_forget" for button in app.button)
    assert CANARY not in shown(app)


def test_a_key_for_another_address_is_not_the_providers_own(screen: Callable[[str], AppTest], platform: Services) -> None:
    app = screen("Keys")
    app.text_input(key="settings_address").set_value("https://proxy.example/v1").run()
    enter(app, CANARY)
    assert platform.rooms.keys("openai") is None
    assert platform.rooms.keys("openai@proxy.example") == CANARY


def try_key(app: AppTest, server: FaultServer) -> AppTest:
    """Press "Test key" with the loopback server as the provider."""
    app.text_input(key="settings_address").set_value(server.base).run()
    app.button(key="settings_test").click().run(timeout=60)
    assert not app.exception
    return app


def test_a_key_that_works_is_told_and_the_call_is_in_the_ledger(
    screen: Callable[[str], AppTest], platform: Services, server: FaultServer
) -> None:
    server.will(Reply())
    app = try_key(enter(screen("Keys"), CANARY), server)
    assert any("The key works" in one.value for one in app.success)
    assert [row.purpose for row in platform.rooms.ledger.rows()] == ["test_key"]
    assert server.seen[-1].headers["authorization"] == f"Bearer {CANARY}"


def test_a_refused_key_is_told_in_words_without_the_key(screen: Callable[[str], AppTest], server: FaultServer) -> None:
    server.will(Reply(status=401, error=f"Incorrect API key provided: {CANARY}"))
    app = try_key(enter(screen("Keys"), CANARY), server)
    words = " ".join(error.value for error in app.error)
    assert "did not accept the key" in words
    assert CANARY not in words.replace("\\", "")


def test_the_cheapest_priced_model_is_the_one_to_test_with(platform: Services) -> None:
    infos = list(platform.models.list_models("anthropic"))
    chosen = platform.models.describe_model(find_cheapest(infos) or "")
    assert chosen.input_price is not None
    assert not chosen.deprecated
    assert find_cheapest([]) is None


def test_the_model_for_new_runs_reaches_the_form_of_driving(screen: Callable[[str], AppTest], platform: Services) -> None:
    app = screen("Models")
    app.selectbox(key="settings_default_provider").select("anthropic").run()
    model = app.selectbox(key="settings_default_model").value
    app.button(key="settings_default_save").click().run()
    assert platform.preferences.read_default_model().id == model
    app.switch_page("driving.py").run()
    assert app.selectbox(key="driving_model").value == model


def test_a_server_is_asked_for_its_models_only_on_request(screen: Callable[[str], AppTest], server: FaultServer) -> None:
    server.get = {"/v1/models": (200, "application/json", json.dumps({"data": [{"id": "b"}, {"id": "**a**"}]}).encode())}
    app = screen("Models")
    app.selectbox(key="settings_default_provider").select("openai").run()
    app.text_input(key="settings_default_address").set_value(server.base).run()
    app.button(key="settings_refresh").click().run()
    assert any("2 models" in one.value for one in app.success)
    app.run()
    assert app.selectbox(key="settings_default_model").options[:2] == ["openai/**a**", "openai/b"]


def test_a_server_that_does_not_answer_is_told_in_words(screen: Callable[[str], AppTest]) -> None:
    app = screen("Models")
    app.selectbox(key="settings_default_provider").select("ollama").run()
    app.text_input(key="settings_default_address").set_value("http://127.0.0.1:9").run()
    app.button(key="settings_refresh").click().run()
    assert app.error
    assert not app.exception


def test_an_own_price_goes_before_the_catalogues_until_it_is_removed(screen: Callable[[str], AppTest], platform: Services) -> None:
    app = screen("Models")
    app.text_input(key="settings_price_model").set_value("openai/unheard-of")
    app.number_input(key="settings_price_in").set_value(2.0)
    app.number_input(key="settings_price_out").set_value(8.0)
    app.button(key="settings_price_save").click().run()
    assert platform.preferences.find_price("openai/unheard-of") == Price(input=2.0, output=8.0, source="user")
    assert not platform.models.describe_model("openai/unheard-of").unpriced
    app.selectbox(key="settings_price_gone").select("openai/unheard-of").run()
    app.button(key="settings_price_remove").click().run()
    assert platform.models.describe_model("openai/unheard-of").unpriced


@pytest.mark.parametrize(("model", "price", "expected"), [("gpt", 1.0, "provider/name"), ("openai/x", 0.0, "hide what a model costs")])
def test_a_price_that_cannot_be_meant_is_refused(
    screen: Callable[[str], AppTest], platform: Services, model: str, price: float, expected: str
) -> None:
    app = screen("Models")
    app.text_input(key="settings_price_model").set_value(model)
    app.number_input(key="settings_price_in").set_value(price)
    app.button(key="settings_price_save").click().run()
    assert any(expected in error.value for error in app.error)
    assert platform.preferences.read_prices() == {}


def on_machine(platform: Services, level: int, state: Path | None = None) -> Measured:
    """Put the services on a machine of that level."""
    sandbox = Measured(state=state, allow_unisolated=platform.preferences.allows_unisolated)
    sandbox.level = level
    platform.rooms.sandbox = sandbox
    return sandbox


def test_without_isolation_nothing_runs_before_somebody_says_so(screen: Callable[[str], AppTest], platform: Services) -> None:
    sandbox = on_machine(platform, 0)
    app = screen("Sandbox")
    assert any("Strategies do not run here" in error.value for error in app.error)
    assert app.button(key="settings_allow").disabled
    app.checkbox(key="settings_sure").check().run()
    app.button(key="settings_allow").click().run()
    assert sandbox.refusal() is None
    assert "without isolation on this machine" in shown(app)
    app.button(key="settings_forbid").click().run()
    assert sandbox.refusal() is not None


def test_a_level_that_dropped_is_accepted_only_on_request(screen: Callable[[str], AppTest], platform: Services, tmp_path: Path) -> None:
    sandbox = on_machine(platform, 2, tmp_path / "sandbox")
    assert sandbox.refusal() is None
    sandbox.level = 1
    app = screen("Sandbox")
    assert any("dropped from level 2 to 1" in error.value for error in app.error)
    app.button(key="settings_accept").click().run()
    assert sandbox.refusal() is None
    assert not app.error


def test_the_levels_promises_are_told_with_this_machines_marked(screen: Callable[[str], AppTest], platform: Services) -> None:
    on_machine(platform, 2)
    app = screen("Sandbox")
    marked = [markdown.value for markdown in app.markdown if "This machine." in markdown.value]
    assert len(marked) == 1
    assert "reaches no network" in marked[0]


def test_the_installation_tells_places_versions_license_and_what_leaves(
    screen: Callable[[str], AppTest], platform: Services, tmp_path: Path
) -> None:
    app = screen("Installation")
    tables = " ".join(str(table.value.to_dict()) for table in app.table)
    assert tmp_path.name in tables.replace("\\", "")
    assert "backtrader" in tables
    words = shown(app)
    assert "GNU General Public License" in words
    assert "not investment advice" in words
    assert "no telemetry" in words


def test_workers_of_a_cluster_stand_with_the_reason_why_some_get_no_work(
    screen: Callable[[str], AppTest], platform: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = ClusterWorker(address="tcp://w2", level=1, refused="it isolates code at level 1, and 2 is required.")
    state = ClusterState(address="tls://scheduler:8786", workers=(ClusterWorker(address="tcp://w1", level=2, keys=("A_API_KEY",)), refused))
    platform.rooms.settings = platform.settings.changed(cluster="tls://scheduler:8786")
    monkeypatch.setattr(platform.installation, "describe_cluster", lambda: state)

    app = screen("Sandbox")

    assert "1 of 2 workers at" in shown(app)
    assert "level 1, and 2 is required" in str(app.dataframe[-1].value.to_dict())
    assert list(app.dataframe[-1].value["Isolation"]) == ["Isolated", "Confined"]
    assert "keys in their environment" in " ".join(one.value for one in app.warning)


def test_the_database_is_named_without_the_password_that_opens_it(tmp_path: Path) -> None:
    services = Services(Settings(home=tmp_path, database="postgresql+psycopg://me:secret@db.example/runs?password=other"))
    assert services.installation.locate_database() == "postgresql+psycopg://db.example/runs"


def test_the_agents_tab_tells_what_to_enter_and_who_is_connected(screen: Callable[[str], AppTest], platform: Services) -> None:
    connection = Connection(platform.settings.home / FOLDER, "stdio")
    connection.open()
    connection.note("Claude Code", "get_status")

    app = screen("Agents")

    assert {one.label for one in app.expander} == {"Claude Code", "Codex", "Gemini CLI", "Claude Desktop"}
    assert any("claude mcp add " in one.value and str(platform.settings.home) in one.value for one in app.code)
    assert any("Claude Code" in text.value for text in app.text)
    connection.close()
    assert any("No agent is connected" in text.value for text in app.run().caption)


def test_the_agents_tab_shows_a_server_for_several_clients_without_its_token(screen: Callable[[str], AppTest], platform: Services) -> None:
    token = read_token(platform.settings)
    app = screen("Agents")

    app.toggle(key="settings_agents_http").set_value(True).run()

    assert any("mcp --http --port" in one.value for one in app.code)
    assert not any(token in one.value for one in (*app.code, *app.caption, *app.markdown))
