"""Which routes a middleware of the application's own turns callers without credentials away from."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.kinds import application as kinds
from gonogo.model.value import Unknown, Value

from ..applications import go, node, of_kind

EXPRESS = """const express = require('express'); const jwt = require('jsonwebtoken');
const app = express();
%s
app.listen(8080);"""
LIVE = "app.get('/live', (q, s) => s.send('x'));"
GO = """package main
import (
	"net/http"
	"strings"
	"github.com/gin-gonic/gin"
)
func auth(c *gin.Context) {
	token := c.GetHeader("Authorization")
	%s
	c.Next()
}
func main() {
	_, _ = http.StatusOK, strings.ToLower
	r := gin.New()
	r.Use(auth)
	r.GET("/live", func(c *gin.Context) { c.Status(200) })
	r.Run()
}
"""


def authenticated(root: Path, files: dict[str, str]) -> Value:
    return next(r["authenticated"] for r in of_kind(root, kinds.ROUTE, files) if r["path"] == "/live")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (f"app.use((q, s, n) => {{ if (!q.headers.authorization) return s.sendStatus(401); n(); }}); {LIVE}", True),
        (f"app.use((q, s, n) => {{ const token = q.get('x'); if (token == null) {{ s.status(401).end(); return; }} n(); }}); {LIVE}", True),
        ("const auth = (q, s, n) => { if (!q.cookies.session) return s.sendStatus(401); n(); }; app.get('/live', auth, (q, s) => s.send('x'));", True),
        (f"{LIVE} app.use((q, s, n) => {{ if (!q.headers.authorization) return s.sendStatus(401); n(); }});", False),
        (f"app.use('/api', (q, s, n) => {{ if (!q.headers.authorization) return s.sendStatus(401); n(); }}); {LIVE}", False),
        (f"app.use((q, s, n) => {{ if (q.path === '/live') return n(); if (!q.headers.authorization) return s.sendStatus(401); n(); }}); {LIVE}", False),
        (f"app.use((q, s, n) => {{ if (open(q.path)) return n(); if (!q.headers.authorization) return s.sendStatus(401); n(); }}); {LIVE}", None),
        (f"app.use((q, s, n) => {{ if (q.headers.authorization && !known(q)) return s.sendStatus(401); n(); }}); {LIVE}", None),
        (f"app.use((q, s, n) => {{ if (q.ip !== '::1') {{ if (!q.headers.authorization) return s.sendStatus(401); }} n(); }}); {LIVE}", None),
        (f"app.use((q, s, n) => {{ if (busy()) return s.sendStatus(503); n(); }}); {LIVE}", False),
        (f"function secure() {{ app.use((q, s, n) => {{ if (!q.headers.authorization) return s.sendStatus(401); n(); }}); }} {LIVE} secure();", None),
    ],
)
def test_middleware_of_node(tmp_path: Path, code: str, expected: bool | None) -> None:
    found = authenticated(tmp_path, node(EXPRESS % code, "express", "jsonwebtoken"))
    assert isinstance(found, Unknown) if expected is None else found is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('if token == "" { c.AbortWithStatus(http.StatusUnauthorized); return }', True),
        ('if strings.HasPrefix(token, "Basic") { c.AbortWithStatus(401); return }', None),
        ('if c.Request.URL.Path != "/live" && token == "" { c.AbortWithStatus(401); return }', False),
        ('if token == "" { c.Status(400) }', False),
    ],
)
def test_middleware_of_go(tmp_path: Path, code: str, expected: bool | None) -> None:
    found = authenticated(tmp_path, go(GO % code, "github.com/gin-gonic/gin"))
    assert isinstance(found, Unknown) if expected is None else found is expected


@pytest.mark.parametrize(("mounts", "expected"), [("app.use('/', live); app.use(auth);", False), ("app.use(auth); app.use('/', live);", True)])
def test_middleware_stands_before_what_is_mounted_after_it(tmp_path: Path, mounts: str, expected: bool) -> None:
    routes = "const r = require('express').Router(); r.get('/live', (q, s) => s.send('x')); module.exports = r;"
    code = f"const live = require('./live'); const auth = (q, s, n) => {{ q.user = jwt.verify(q.headers.authorization, process.env.KEY); n(); }}; {mounts}"
    assert authenticated(tmp_path, node(EXPRESS % code, "express", "jsonwebtoken", **{"live.js": routes})) is expected
