"""Which routers answer anything: a route of one that nothing serves is no route."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.kinds import application as kinds
from gonogo.model.value import Unknown, Value

from ..applications import go, node, of_kind

EXPRESS = """const express = require('express'); const cors = require('cors');
const app = express(); app.get('/', (q, s) => s.send('shop'));
%s
app.listen(8080);"""
GO = """package main
import (
	"net/http"
	"github.com/gin-gonic/gin"
	"github.com/rs/cors"
)
type own struct { mux *http.ServeMux }
func live(w http.ResponseWriter, r *http.Request) {}
func add(m *http.ServeMux) { m.HandleFunc("/live", live) }
func run(m http.Handler) { http.ListenAndServe(":9", m) }
%s
func main() {
	%s
}
"""


def route(root: Path, files: dict[str, str], path: str = "/live") -> Value:
    """Whether the route at `path` is reached."""
    return next(r["reachable"] for r in of_kind(root, kinds.ROUTE, files) if r["path"] == path)


LIVE = "get('/live', (q, s) => s.send());"


@pytest.mark.parametrize(
    "code",
    [
        f"const other = express(); other.{LIVE}",
        f"const other = express(); other.set('x', 1); other.use(express.json()).{LIVE}",
        f"let other; other = express(); other.{LIVE}",
        f"const r = express.Router(); r.{LIVE}",
        f"const other = express(); const r = express.Router(); r.{LIVE} other.use('/', r);",
        "const other = express(); other.route('/live').get((q, s) => s.send());",
        f"function add(a) {{ a.{LIVE} }} add(express());",
        f"function add(a) {{ a.{LIVE} }} const other = express(); add(other);",
        f"const other = express(); other.use(other); other.{LIVE} void other;",
        f"express().{LIVE}",
        "const other = require('fastify')(); other.get('/live', async () => 1);",
        "const other = require('fastify')(); other.register(async (part) => { part.get('/live', async () => 1); });",
        "const { Hono } = require('hono'); const other = new Hono(); other.get('/live', (c) => c.text('x'));",
    ],
)
def test_route_of_a_node_application_that_nothing_serves(tmp_path: Path, code: str) -> None:
    assert route(tmp_path, node(EXPRESS % code, "express", "fastify", "hono")) is False


@pytest.mark.parametrize(
    "code",
    [
        f"const other = express(); other.{LIVE} other.listen(81);",
        f"const other = express(); app.use('/', other); other.{LIVE}",
        f"const other = express(); other.{LIVE} require('http').createServer(other).listen(81);",
        f"const other = express(); other.{LIVE} module.exports = other;",
        f"const other = express(); other.{LIVE} exports.handler = require('serverless-http')(other);",
        f"const other = express(); other.{LIVE} const server = {{ app: other }}; server.app.listen(81);",
        f"const other = express(); other.{LIVE} [other].forEach((a) => a.listen(81));",
        f"const other = express(); other.{LIVE} function start(a) {{ a.listen(81); }} start(other);",
        f"const other = express(); other.{LIVE} function start() {{ other.listen(81); }} module.exports = {{ start }};",
        f"const other = express().use(express.json()); other.{LIVE} other.listen(81);",
        f"function make() {{ const made = express(); made.{LIVE} return made; }} make().listen(81);",
        f"const a = express(); const b = a; b.listen(81); a.{LIVE}",
        "const { Hono } = require('hono'); const part = new Hono(); part.get('/live', (c) => c.text('x')); const all = new Hono().route('/', part); exports.fetch = all.fetch;",
        "const { Hono } = require('hono'); const other = new Hono(); other.get('/live', (c) => c.text('x')); require('@hono/node-server').serve({ fetch: other.fetch });",
        "const other = require('fastify')(); other.register(async (part) => { part.get('/live', async () => 1); }); other.listen({ port: 81 });",
    ],
)
def test_route_of_a_node_application_that_is_served_somehow(tmp_path: Path, code: str) -> None:
    assert route(tmp_path, node(EXPRESS % code, "express", "fastify", "hono", "serverless-http")) is True


def test_application_that_a_module_exports_may_be_served_by_who_loads_it(tmp_path: Path) -> None:
    files = {"app.js": f"const app = require('express')(); app.{LIVE} module.exports = app;"}
    assert route(tmp_path, node("require('./app').listen(80);", "express", **files)) is True


@pytest.mark.parametrize(
    ("declared", "body"),
    [
        ("", 'other := http.NewServeMux()\n\tother.HandleFunc("/live", live)\n\thttp.ListenAndServe(":80", http.NewServeMux())'),
        ("", 'other := http.NewServeMux()\n\tadd(other)\n\thttp.ListenAndServe(":80", http.NewServeMux())'),
        ("", 'other := http.NewServeMux()\n\tother.HandleFunc("/live", live)\n\t_ = other\n\thttp.ListenAndServe(":80", nil)'),
        ("var other = http.NewServeMux()", 'other.HandleFunc("/live", live)\n\thttp.ListenAndServe(":80", nil)'),
        ("", 'mux := http.NewServeMux()\n\thttp.HandleFunc("/live", live)\n\thttp.ListenAndServe(":80", mux)'),
        ("", 'mux := http.NewServeMux()\n\thttp.HandleFunc("/live", live)\n\ts := &http.Server{Addr: ":80", Handler: mux}\n\ts.ListenAndServe()'),
        ("", 'r := gin.New()\n\tr.Run()\n\tg := gin.New().Group("/")\n\tg.GET("/live", func(c *gin.Context) {})'),
    ],
)
def test_route_of_a_go_router_that_nothing_serves(tmp_path: Path, declared: str, body: str) -> None:
    assert route(tmp_path, go(GO % (declared, body), "github.com/gin-gonic/gin")) is False


@pytest.mark.parametrize(
    ("declared", "body"),
    [
        ("", 'http.HandleFunc("/live", live)\n\thttp.ListenAndServe(":80", nil)'),
        ("", 'http.HandleFunc("/live", live)\n\tgo http.ListenAndServe(":81", nil)\n\thttp.ListenAndServe(":80", http.NewServeMux())'),
        ("", 'http.HandleFunc("/live", live)\n\ts := &http.Server{Addr: ":80"}\n\ts.ListenAndServe()'),
        ("", 'http.HandleFunc("/live", live)\n\trun(http.DefaultServeMux)'),
        ("", 'http.HandleFunc("/live", live)\n\tvar h http.Handler\n\thttp.ListenAndServe(":80", h)'),
        ("", 'mux := http.NewServeMux()\n\tadd(mux)\n\trun(mux)'),
        ("", 'mux := http.NewServeMux()\n\tadd(mux)\n\to := own{mux: mux}\n\thttp.ListenAndServe(":80", o.mux)'),
        ("", 'mux := http.NewServeMux()\n\tadd(mux)\n\touter := http.NewServeMux()\n\touter.Handle("/", http.StripPrefix("", mux))\n\thttp.ListenAndServe(":80", outer)'),
        ("var Mux = http.NewServeMux()", 'add(Mux)\n\thttp.ListenAndServe(":80", http.NewServeMux())'),
        ("func mux() *http.ServeMux { m := http.NewServeMux(); add(m); return m }", 'http.ListenAndServe(":80", mux())'),
        ("", 'mux := http.NewServeMux()\n\tadd(mux)\n\thttp.ListenAndServe(":80", cors.Default().Handler(mux))'),
    ],
)
def test_route_of_a_go_router_that_is_served_somehow(tmp_path: Path, declared: str, body: str) -> None:
    assert route(tmp_path, go(GO % (declared, body), "github.com/gin-gonic/gin", "github.com/rs/cors")) is True


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("_ = c.Handler(mux)", False),
        ("h := c.Handler(mux)\n\t_ = h", False),
        ("c.Handler(mux)", False),
        ("http.Handle(\"/\", c.Handler(http.NotFoundHandler()))", False),  # on the router that nobody serves
        ("h := c.Handler(mux)\n\tgo http.ListenAndServe(\":81\", h)", True),
        ("go run(c.Handler(mux))", True),
        ("mux.HandleFunc(\"/\", func(w http.ResponseWriter, r *http.Request) { c.ServeHTTP(w, r, nil) })", True),
    ],
)
def test_handler_that_a_policy_is_wrapped_around_must_be_used(tmp_path: Path, body: str, expected: bool) -> None:
    source = GO % ("", f'mux := http.NewServeMux()\n\tc := cors.New(cors.Options{{AllowedOrigins: []string{{"https://a.example"}}}})\n\t{body}\n\thttp.ListenAndServe(":80", mux)')
    [policy] = of_kind(tmp_path, kinds.CORS_POLICY, go(source, "github.com/rs/cors"))
    assert policy["reachable"] is expected


@pytest.mark.parametrize(
    "code",
    [
        "const other = express(); other.use(cors({ origin: 'https://a.example' }));",
        "const other = express(); const c = cors({ origin: 'https://a.example' }); other.use(c);",
        "const other = require('fastify')(); other.register(require('@fastify/cors'), { origin: 'https://a.example' });",
        "const other = express(); other.use((q, s, n) => { s.setHeader('Access-Control-Allow-Origin', 'https://a.example'); n(); });",
    ],
)
def test_policy_of_an_application_that_nothing_serves_holds_nowhere(tmp_path: Path, code: str) -> None:
    [policy] = of_kind(tmp_path, kinds.CORS_POLICY, node(EXPRESS % code, "express", "cors", "fastify", "@fastify/cors"))
    assert policy["reachable"] is False


def test_policy_of_a_router_that_is_handed_on_is_as_it_is_known(tmp_path: Path) -> None:
    code = "const c = cors({ origin: 'https://a.example' }); require('./unseen')(c);"
    [policy] = of_kind(tmp_path, kinds.CORS_POLICY, node(EXPRESS % code, "express", "cors"))
    assert isinstance(policy["reachable"], Unknown)


def test_policy_that_a_handler_of_the_served_application_sets_itself(tmp_path: Path) -> None:
    code = "app.use((q, s, n) => { s.setHeader('Access-Control-Allow-Origin', 'https://a.example'); n(); });"
    [policy] = of_kind(tmp_path, kinds.CORS_POLICY, node(EXPRESS % code, "express", "cors"))
    assert policy["reachable"] is True
