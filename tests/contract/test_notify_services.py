"""What services receive from apprise, on loopback: those with an address of their own directly, the others through a proxy that answers for them."""

from __future__ import annotations

import email.message
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonogo.history.ignore import IgnoreRules
from gonogo.history.run import Run
from gonogo.history.store import Store, open_store
from gonogo.model.finding import Verdict
from gonogo.publish.errors import NotifyError
from gonogo.publish.message import Wording
from gonogo.publish.notify import Notifier, Outcome
from gonogo.publish.targets import read_targets
from histories import control, finding, item, run
from inboxes import Inbox, http_inbox, mail_inbox, self_signed

pytest.importorskip("apprise", reason="apprise is not installed")
pytest.importorskip("cryptography", reason="cryptography is not installed")

SATISFIED, VIOLATED, UNKNOWN = Verdict.SATISFIED, Verdict.VIOLATED, Verdict.UNKNOWN
HOSTILE = "[click](http://evil.example) <b>x</b><script>alert(1)</script> @everyone <!channel> <@U1> <@&9> <http://evil|ok> \x1b[2J\u202e\r\nBcc: a@b"
SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?verify=no"
DISCORD = "discord://1234567890/abcdefghijklmnopqrstuvwxyz012345?verify=no"
TEAMS = "workflows://prod-1.westus.logic.azure.com/abcdef0123456789/sigabc?verify=no"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/12315544/?verify=no"
PAGERDUTY = "pagerduty://routing0key@token/gonogo?verify=no"


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    with http_inbox(self_signed(tmp_path)) as inbox:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{inbox.port}")
        for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield inbox


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "history.db"), create=True) as opened:
        yield opened


def tell(store: Store, *urls: str) -> list[Outcome]:
    notifier = Notifier(store, "audit shop", IgnoreRules(), Wording(lambda _: ("@org/data",)), lambda: datetime.now(UTC))
    return list(notifier.tell(read_targets(urls)))


def hostile(verdict: Verdict, day: int = 1) -> Run:
    return run(item("i", verdict, "f", text=HOSTILE), finding("f", verdict, "p", "main.tf"), day=day)


def regress(store: Store) -> None:
    store.record(hostile(SATISFIED))
    store.record(hostile(VIOLATED, 2))


def test_slack(proxy: Inbox, store: Store) -> None:
    regress(store)
    (outcome,) = tell(store, SLACK)
    assert (outcome.target, outcome.failed) == ("Slack", "")
    (sent,) = proxy.sent
    assert sent.host == "hooks.slack.com"
    assert sent.document["mrkdwn"] is False
    shown = sent.document["attachments"][0]["text"]
    assert "- [click]\u200b(http://evil.example) &lt;\u200bb&gt;x" in shown
    assert not {"<", ">", "\x1b", "\u202e"} & set(shown), "no mention, no link, no control character"
    assert "@everyone" not in shown


def test_discord_and_mattermost_show_plain_text(proxy: Inbox, store: Store) -> None:
    regress(store)
    tell(store, DISCORD, "mmosts://mattermost.example/3ccdd113474722377935511fc85d3dd4?verify=no")
    assert [sent.host for sent in proxy.sent] == ["discord.com", "mattermost.example"]
    for shown in (proxy.sent[0].document["content"], proxy.sent[1].document["text"]):
        for active in ("@everyone", "](", "<@", "<!", "<http", "\x1b", "\u202e"):
            assert active not in shown


def test_teams_takes_markdown_and_telegram_html(proxy: Inbox, store: Store) -> None:
    regress(store)
    tell(store, TEAMS, TELEGRAM)
    teams, telegram = proxy.sent
    card = teams.document["attachments"][0]["content"]["body"][-1]["text"]
    assert "\\[click\\]\u200b\\(http://evil" in card
    assert telegram.document["parse_mode"] == "HTML"
    assert "&lt;\u200bscript&gt;" in telegram.document["text"]
    assert "<script" not in telegram.document["text"]


def test_an_incident_is_opened_once_and_resolved_by_the_same_key(proxy: Inbox, store: Store) -> None:
    regress(store)
    assert tell(store, PAGERDUTY)[0].told == "1 incident opened"
    (opened,) = proxy.sent
    assert (opened.host, opened.path) == ("events.pagerduty.com", "/v2/enqueue")
    assert (opened.document["event_action"], opened.document["payload"]["severity"]) == ("trigger", "critical")
    assert opened.document["payload"]["summary"].startswith("regressed: //cloudsql.googleapis.com/projects/shop/instances/db: a rule")
    store.record(hostile(VIOLATED, 3))
    store.record(hostile(UNKNOWN, 4))
    store.record(hostile(VIOLATED, 5))
    assert tell(store, PAGERDUTY) == [Outcome("Pager Duty")]
    assert len(proxy.sent) == 1, "it stands, and an unknown resolves nothing"
    store.record(hostile(SATISFIED, 6))
    assert tell(store, PAGERDUTY)[0].told == "1 incident resolved"
    assert proxy.sent[1].document == {"routing_key": "routing0key", "event_action": "resolve", "dedup_key": opened.document["dedup_key"]}


def test_incidents_that_were_taken_before_a_failure_are_not_sent_again(proxy: Inbox, store: Store) -> None:
    store.record(run(*(control(f"c{n}", SATISFIED) for n in range(3))))
    store.record(run(*(control(f"c{n}", VIOLATED) for n in range(3)), day=2))
    proxy.statuses[:] = [202, 503]
    assert tell(store, PAGERDUTY) == [Outcome("Pager Duty", failed="HTTP 503")]
    assert tell(store, PAGERDUTY)[0].told == "2 incidents opened"
    keys = [sent.document["dedup_key"] for sent in proxy.taken]
    assert len(keys) == len(set(keys)) == 3


def test_what_went_out_of_sight_is_a_warning(proxy: Inbox, store: Store) -> None:
    store.record(hostile(SATISFIED))
    store.record(hostile(UNKNOWN, 2))
    tell(store, PAGERDUTY)
    assert (proxy.sent[0].document["event_action"], proxy.sent[0].document["payload"]["severity"]) == ("trigger", "warning")


def test_mail(store: Store) -> None:
    regress(store)
    with mail_inbox() as (port, mails):
        assert tell(store, f"mailto://127.0.0.1:{port}?smtp=127.0.0.1&mode=insecure&from=gonogo@example.com&to=data@example.com")[0].failed == ""
    (mail,) = mails
    assert mail["subject"] == "gonogo: 1 regressed in audit shop"
    assert "Bcc" not in mail
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if isinstance(part, email.message.EmailMessage) and not part.is_multipart()}
    for kind, shown in parts.items():
        assert "\x1b" not in shown
        assert ("<script" not in shown) or kind == "text/plain"


def test_xml_and_form(proxy: Inbox, store: Store) -> None:
    regress(store)
    base = f"127.0.0.1:{proxy.port}/hook"
    assert [outcome.failed for outcome in tell(store, f"xml://{base}", f"form://{base}")] == ["", ""]
    assert b"&lt;\xe2\x80\x8bscript&gt;" in proxy.sent[0].body
    assert b"message=Run+2" in proxy.sent[1].body


def test_two_of_a_kind_are_told_each(proxy: Inbox, store: Store) -> None:
    regress(store)
    one, two = (f"json://127.0.0.1:{proxy.port}/{path}" for path in ("one", "two"))
    proxy.statuses[:] = [200, 404]
    assert [(o.target, o.failed) for o in tell(store, one, two)] == [("JSON", ""), ("JSON 2", "HTTP 404")]
    assert [(o.target, bool(o.told)) for o in tell(store, one, two)] == [("JSON", False), ("JSON 2", True)]
    assert [sent.path.rpartition("/")[2] for sent in proxy.taken] == ["one", "two"]


@pytest.mark.parametrize("url", ["slack://hunter2", "hunter2", "nothing://hunter2@host", "pagerduty://", "json://", "https://hunter2.example/x", ""])
def test_an_address_that_is_none_is_not_repeated(url: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotifyError) as caught:
        read_targets([url])
    assert "hunter2" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_failure_says_nothing_of_the_address(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    regress(store)
    (outcome,) = tell(store, "json://user:hunter2@127.0.0.1:9/hook?verify=no")
    assert outcome == Outcome("JSON", failed="no connection")
    assert capfd.readouterr() == ("", "")
    assert "hunter2" not in repr(read_targets(["json://user:hunter2@127.0.0.1:9/hook"]))
