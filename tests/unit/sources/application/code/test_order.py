"""What a request passes before it gets to a route, in the order in which it was registered."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.kinds import application as kinds
from gonogo.model.value import Value

from ..applications import go, node, of_kind

EXPRESS = """const express = require('express'); const limit = require('express-rate-limit'); const { Hono } = require('hono');
const app = express();
%s
app.listen(8080);"""
GIN = """package main
import (
	"net/http"
	"github.com/gin-gonic/gin"
	"github.com/ulule/limiter/v3"
	mgin "github.com/ulule/limiter/v3/drivers/middleware/gin"
)
func shop(c *gin.Context) { c.String(http.StatusOK, "shop") }
func main() {
	rate, _ := limiter.NewRateFromFormatted("10-M")
	limit := mgin.NewMiddleware(limiter.New(nil, rate))
	r := gin.New()
	%s
	r.Run()
}
"""
SHOP = "app.get('/shop', (q, s) => s.send('x'));"
LIMIT = "app.use(limit({ max: 9 }));"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"{SHOP} {LIMIT}", False),
        (f"{SHOP} const l = limit({{ max: 9 }}); app.use(l); app.use((e, q, s, n) => s.sendStatus(500));", False),
        (f"const r = express.Router(); r.get('/a', (q, s) => s.send('x')); app.use('/r', r); {LIMIT}", False),
        (f"{SHOP} {LIMIT} module.exports = app;", False),
        (f"{SHOP} {LIMIT} require('http').createServer(app).listen(81);", False),
        (f"{LIMIT} {SHOP}", True),
        (f"{SHOP} {LIMIT} app.get('/b', (q, s) => s.send('x'));", True),
        (f"{SHOP} {LIMIT} app.use('/b', require('./unseen'));", True),
        (f"{SHOP} {LIMIT} app.use((q, s) => s.send('everything else'));", True),
        (f"{SHOP} {LIMIT} require('./unseen')(app);", True),
        (f"function routes() {{ {SHOP} }} {LIMIT} routes();", True),
        (f"function routes(a) {{ a.get('/b', (q, s) => s.send('x')); }} {SHOP} {LIMIT} routes(app);", True),
        (f"app.use(express.json()); {LIMIT}", True),
        ("app.get('/shop', limit({ max: 9 }), (q, s) => s.send('x'));", True),
        (f"{SHOP} {LIMIT} app.route('/b').get((q, s) => s.send('x'));", True),
    ],
)
def test_limit_of_express_that_comes_when_all_routes_are_registered(tmp_path: Path, code: str, expected: bool) -> None:
    [found] = of_kind(tmp_path, kinds.RATE_LIMIT, node(EXPRESS % code, "express", "express-rate-limit"))
    assert found["applied"] is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('r.GET("/", shop)\n\tr.Use(limit)', False),
        ('r.Use(limit)\n\tr.GET("/", shop)', True),
        ('r.GET("/", shop)\n\tr.Use(limit)\n\tr.GET("/b", shop)', True),
        ('r.GET("/", shop)\n\tr.Use(limit)\n\tv1 := r.Group("/v1")\n\tv1.GET("/b", shop)', True),
    ],
)
def test_limit_of_gin_that_comes_when_all_routes_are_registered(tmp_path: Path, body: str, expected: bool) -> None:
    [found] = of_kind(tmp_path, kinds.RATE_LIMIT, go(GIN % body, "github.com/gin-gonic/gin", "github.com/ulule/limiter/v3"))
    assert found["applied"] is expected


LIVE = "app.get('/live', (q, s) => s.send('x'));"


def live(root: Path, code: str) -> Value:
    return next(r["reachable"] for r in of_kind(root, kinds.ROUTE, node(EXPRESS % code, "express", "hono")) if r["path"] == "/live")


@pytest.mark.parametrize(
    "code",
    [
        f"app.use((q, s) => s.status(404).end()); {LIVE}",
        f"function no(q, s, next) {{ s.status(404).end(); }} app.use(no); {LIVE}",
        f"app.use('/', (q, s) => {{ s.send('x'); }}); {LIVE}",
        f"app.all('*', (q, s) => s.send('x')); {LIVE}",
        f"app.get('/*', (q, s) => s.send('x')); {LIVE}",
        "app.use((q, s) => s.send('x')); const r = express.Router(); r.get('/live', (q, s) => s.send('x')); app.use('/', r);",
        "app.use((q, s) => s.send('x')); app.route('/live').get((q, s) => s.send('x'));",
        "const h = new Hono(); h.use((c) => c.text('x')); h.get('/live', (c) => c.text('x')); module.exports = h;",
    ],
)
def test_route_behind_a_handler_that_lets_nothing_on(tmp_path: Path, code: str) -> None:
    assert live(tmp_path, code) is False


@pytest.mark.parametrize(
    "code",
    [
        f"{LIVE} app.use((q, s) => s.status(404).end());",
        f"app.use((q, s, next) => next()); {LIVE}",
        f"app.use((q, s, n) => {{ if (q.path === '/x') return s.end(); n(); }}); {LIVE}",
        f"app.use('/api', (q, s) => s.status(404).end()); {LIVE}",
        f"app.use((e, q, s, next) => s.status(500).end()); {LIVE}",
        f"app.use(function () {{ arguments[2](); }}); {LIVE}",
        f"app.use((...given) => given[2]()); {LIVE}",
        f"app.use((q) => q.next()); {LIVE}",
        f"app.post('*', (q, s) => s.send('x')); {LIVE}",
        f"app.get('/', (q, s) => s.send('x')); {LIVE}",
        f"const other = express(); other.use((q, s) => s.send('x')); app.use('/other', other); {LIVE}",
        f"if (process.env.CLOSED) app.use((q, s) => s.send('x')); {LIVE}",
        "const h = new Hono(); h.use((c, next) => next()); h.get('/live', (c) => c.text('x')); module.exports = h;",
    ],
)
def test_route_that_requests_get_to(tmp_path: Path, code: str) -> None:
    assert live(tmp_path, code) is True
