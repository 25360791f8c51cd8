"""Whether a token that fails its verification ends the request."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.kinds import application as kinds
from gonogo.model.value import Unknown, Value

from .applications import go, node, of_kind, python

FASTAPI = """
import os
import contextlib
import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse
app = FastAPI()
%s
@app.get("/me")
def me(name=Depends(user)):
    return name
"""

DECODED = 'jwt.decode(request.headers["x"], os.environ["K"], algorithms=["HS256"])'


def refuses(resources: list[dict[str, Value]]) -> bool:
    assert len(resources) == 1, resources
    assert resources[0]["refuses"] is True or isinstance(resources[0]["refuses"], Unknown)
    return resources[0]["refuses"] is True


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("def user(request: Request):\n    return DECODED", True),
        ("def user(request: Request):\n    try:\n        return DECODED\n    except jwt.PyJWTError:\n        raise HTTPException(401)", True),
        ("def user(request: Request):\n    try:\n        return DECODED\n    except jwt.PyJWTError:\n        return None", False),
        ("def user(request: Request):\n    try:\n        return DECODED\n    except Exception:\n        return {'sub': 'anonymous'}", False),
        ("def user(request: Request):\n    try:\n        found = DECODED\n    except Exception:\n        found = None\n    return found", False),
        ("def user(request: Request):\n    try:\n        found = DECODED\n    except Exception:\n        found = None\n    if not found:\n        raise HTTPException(401)\n    return found", True),
        ("def user(request: Request):\n    found = None\n    with contextlib.suppress(jwt.PyJWTError):\n        found = DECODED\n    return found", False),
        ("def refuse():\n    raise HTTPException(401)\ndef user(request: Request):\n    try:\n        return DECODED\n    except jwt.PyJWTError:\n        refuse()", True),
        ("def decoded(request):\n    try:\n        return DECODED\n    except jwt.PyJWTError:\n        return None\ndef user(request: Request):\n    found = decoded(request)\n    if found is None:\n        raise HTTPException(401)\n    return found", True),
        ("def decoded(request):\n    try:\n        return DECODED\n    except jwt.PyJWTError:\n        return None\ndef user(request: Request):\n    found = decoded(request)\n    print(found)\n    return 'you'", False),
        ("def decoded(request):\n    return DECODED\ndef user(request: Request):\n    try:\n        return decoded(request)\n    except Exception:\n        return 'anonymous'", False),
        ("def decoded(request):\n    return DECODED\ndef user(request: Request):\n    try:\n        return decoded(request)\n    except jwt.ExpiredSignatureError:\n        raise HTTPException(401, 'expired')\n    except jwt.PyJWTError as error:\n        raise HTTPException(401) from error", True),
        # The dependency gives nothing, and the one that asks it refuses.
        ("def decoded(request: Request):\n    try:\n        return DECODED\n    except jwt.PyJWTError:\n        return None\ndef user(found=Depends(decoded)):\n    if found is None:\n        raise HTTPException(401)\n    return found", True),
        ("async def user(request: Request):\n    pass\n@app.middleware('http')\nasync def auth(request, call_next):\n    try:\n        request.state.user = DECODED\n    except jwt.PyJWTError:\n        pass\n    return await call_next(request)", False),
        ("async def user(request: Request):\n    pass\n@app.middleware('http')\nasync def auth(request, call_next):\n    try:\n        request.state.user = DECODED\n    except jwt.PyJWTError:\n        return JSONResponse({}, status_code=401)\n    return await call_next(request)", True),
        ("async def user(request: Request):\n    pass\n@app.middleware('http')\nasync def auth(request, call_next):\n    request.state.user = None\n    try:\n        request.state.user = DECODED\n    except jwt.PyJWTError:\n        print('no')\n    if request.state.user is None:\n        return RedirectResponse('/login')\n    return await call_next(request)", True),
    ],
)  # fmt: skip
def test_python(tmp_path: Path, code: str, wanted: bool) -> None:
    found = of_kind(tmp_path, kinds.TOKEN_VERIFICATION, python(FASTAPI % code.replace("DECODED", DECODED), "fastapi", "pyjwt"))
    assert refuses([dict(one) for one in found]) is wanted


VERIFIED = "jwt.verify(q.headers.a, process.env.K)"


@pytest.mark.parametrize(
    ("guard", "wanted"),
    [
        ("function guard(q, s, next) { q.user = VERIFIED; next(); }", True),
        ("function guard(q, s, next) { try { q.user = VERIFIED; next(); } catch (e) { s.status(401).end(); } }", True),
        ("function guard(q, s, next) { try { q.user = VERIFIED; } catch (e) { return s.sendStatus(403); } next(); }", True),
        ("function guard(q, s, next) { try { q.user = VERIFIED; next(); } catch (e) { next(e); } }", True),
        ("function guard(q, s, next) { try { q.user = VERIFIED; } catch (e) {} next(); }", False),
        ("function guard(q, s, next) { try { q.user = VERIFIED; } catch (e) { console.error(e); } next(); }", False),
        ("function guard(q, s, next) { try { q.user = VERIFIED; } catch (e) { next(); } }", False),
        ("function guard(q, s, next) { try { q.user = VERIFIED; } catch (e) { q.user = null; } if (!q.user) return s.status(401).json({}); next(); }", True),
        ("function guard(q, s, next) { jwt.verify(q.headers.a, process.env.K, (error, user) => { q.user = user; next(); }); }", False),
        ("function guard(q, s, next) { jwt.verify(q.headers.a, process.env.K, (error, user) => { if (error) return s.sendStatus(403); q.user = user; next(); }); }", True),
        ("function guard(q, s, next) { jwt.verify(q.headers.a, process.env.K, (error, user) => { if (error) { console.log(error); } q.user = user; next(); }); }", False),
        ("function guard(q, s, next) { jwt.verify(q.headers.a, process.env.K, (error, user) => { if (error) return next(); q.user = user; next(); }); }", False),
        ("function guard(q, s, next) { jwt.verify(q.headers.a, process.env.K, (error, user) => { if (error) return next(error); q.user = user; next(); }); }", True),
        ("function guard(q, s, next) { jwt.verify(q.headers.a, process.env.K, {}, function (error, user) { if (!user) { s.status(401).send('no'); } else { next(); } }); }", True),
        ("function checked(q) { try { return VERIFIED; } catch (e) { return null; } }\nfunction guard(q, s, next) { const user = checked(q); if (!user) { return s.status(401).end(); } next(); }", True),
        ("function checked(q) { try { return VERIFIED; } catch (e) { return null; } }\nfunction guard(q, s, next) { q.user = checked(q); next(); }", False),
        ("function checked(q) { return VERIFIED; }\nfunction guard(q, s, next) { try { q.user = checked(q); } catch (e) { } next(); }", False),
        ("function checked(q) { return VERIFIED; }\nfunction guard(q, s, next) { try { q.user = checked(q); } catch (e) { throw e; } next(); }", True),
    ],
)  # fmt: skip
def test_javascript(tmp_path: Path, guard: str, wanted: bool) -> None:
    code = f"""
const express = require('express');
const jwt = require('jsonwebtoken');
const app = express();
{guard.replace("VERIFIED", VERIFIED)}
app.get('/orders', guard, (q, s) => s.json([]));
app.listen(8080);
"""
    found = of_kind(tmp_path, kinds.TOKEN_VERIFICATION, node(code, "express", "jsonwebtoken"))
    assert refuses([dict(one) for one in found]) is wanted


PARSED = 'jwt.Parse(r.Header.Get("Authorization"), key)'


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('_, err := PARSED\nif err != nil { http.Error(w, "no", 401); return }\nnext.ServeHTTP(w, r)', True),
        ("_, err := PARSED\nif err != nil { return }\nnext.ServeHTTP(w, r)", True),
        ("token, _ := PARSED\n_ = token\nnext.ServeHTTP(w, r)", False),
        ("_, _ = PARSED\nnext.ServeHTTP(w, r)", False),
        ("_, err := PARSED\nif err != nil { println(err) }\nnext.ServeHTTP(w, r)", False),
        ("_, err := PARSED\nif err != nil { next.ServeHTTP(w, r); return }\nnext.ServeHTTP(w, r)", False),
        ("if token, err := PARSED; err == nil && token.Valid { next.ServeHTTP(w, r); return }\nw.WriteHeader(http.StatusUnauthorized)", True),
        ("if _, err := PARSED; err == nil { next.ServeHTTP(w, r); return }\nnext.ServeHTTP(w, r)", False),
        ("if !checked(r) { w.WriteHeader(401); return }\nnext.ServeHTTP(w, r)", True),
        ("checked(r)\nnext.ServeHTTP(w, r)", False),
        ("_ = claimed(r)\nnext.ServeHTTP(w, r)", False),
        ("if err := claimed(r); err != nil { w.WriteHeader(401); return }\nnext.ServeHTTP(w, r)", True),
    ],
)  # fmt: skip
def test_go(tmp_path: Path, body: str, wanted: bool) -> None:
    helper = ""
    if "checked" in body:
        helper = "func checked(r *http.Request) bool { _, err := PARSED\n if err != nil { return false }\n return true }"
    if "claimed" in body:
        helper = "func claimed(r *http.Request) error { _, err := PARSED\n return err }"
    code = f"""package main
import (
	"net/http"
	"os"
	"github.com/golang-jwt/jwt/v5"
)
func key(token *jwt.Token) (interface{{}}, error) {{ return []byte(os.Getenv("K")), nil }}
{helper}
func guard(next http.Handler) http.Handler {{
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {{
		{body}
	}})
}}
func main() {{
	mux := http.NewServeMux()
	mux.HandleFunc("/orders", func(w http.ResponseWriter, r *http.Request) {{}})
	http.ListenAndServe(":8080", guard(mux))
}}
""".replace("PARSED", PARSED)
    found = of_kind(tmp_path, kinds.TOKEN_VERIFICATION, go(code, "github.com/golang-jwt/jwt/v5"))
    assert refuses([dict(one) for one in found]) is wanted
