"""Which rate limits keep anybody out."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.kinds import application as kinds
from gonogo.model.value import Unknown, Value

from ..applications import go, node, of_kind

EXPRESS = """const express = require('express'); const limit = require('express-rate-limit'); const slow = require('hono-rate-limiter');
const app = express();
%s
app.listen(8080);"""
GO = """package main
import (
	"math"
	"net/http"
	"time"
	"golang.org/x/time/rate"
)
func main() {
	_, _ = math.Pi, time.Second
	l := rate.NewLimiter(%s)
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		%s
		w.Write(nil)
	})
	http.ListenAndServe(":80", nil)
}
"""
ASKED = "if !l.Allow() { w.WriteHeader(429); return }"


def applied(root: Path, files: dict[str, str]) -> Value:
    [found] = of_kind(root, kinds.RATE_LIMIT, files)
    return found["applied"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{ max: 9, skip: () => true }", False),
        ("{ max: 9, skip: async function () { return true; } }", False),
        ("{ max: 9, skip: (req) => { return true; } }", False),
        ("{ max: 9, skip: () => process.env.NODE_ENV === 'production' }", False),
        ("{ max: 9, skip: () => process.env.NODE_ENV !== 'production' }", True),
        ("{ max: 9, skip: (req) => req.path === '/health' }", True),
        ("{ max: 9, skip: () => false }", True),
        ("{ max: Infinity }", False),
        ("{ limit: Number.MAX_SAFE_INTEGER }", False),
        ("{ max: 0 }", None),
        ("{ max: 9 }", True),
    ],
)
def test_limit_of_node_that_lets_everybody_in(tmp_path: Path, options: str, expected: bool | None) -> None:
    found = applied(tmp_path, node(EXPRESS % f"app.use(limit({options}));", "express", "express-rate-limit"))
    assert isinstance(found, Unknown) if expected is None else found is expected


@pytest.mark.parametrize(
    ("amount", "asked", "expected"),
    [
        ("1, 1", ASKED, True),
        ("1, 1", "l.Allow()", False),
        ("1, 1", "_ = l.Allow()", False),
        ("1, 1", "ok := l.Allow(); _ = ok", False),
        ("1, 1", "ok := l.Allow()\n\t\tif !ok { w.WriteHeader(429); return }", True),
        ("1, 1", "l.Wait(r.Context())", True),
        ("1, 1", "time.Sleep(l.Reserve().Delay())", True),
        ("rate.Inf, 0", ASKED, False),
        ("rate.Every(0), 1", ASKED, False),
        ("rate.Limit(math.Inf(1)), 1", ASKED, False),
        ("rate.Every(time.Second), 1", ASKED, True),
        ("0, 1", ASKED, None),
    ],
)
def test_limit_of_go_that_lets_everybody_in(tmp_path: Path, amount: str, asked: str, expected: bool | None) -> None:
    found = applied(tmp_path, go(GO % (amount, asked), "golang.org/x/time"))
    assert isinstance(found, Unknown) if expected is None else found is expected
