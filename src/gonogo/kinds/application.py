"""The application itself: what its code does that is reached from what the image runs, whatever language it is written in.

Every kind but `app/Application` begins with the same six fields:

* `application`: the directory of the application, `` for the root; `language`: python, javascript, typescript or go;
* `library`: who does it, by the name in `rules/application/libraries.yaml`; `` is the language's own library, or the code itself;
* `module`: the path of the source file;
* `installed`: the library is in what the image installs; true for the standard library; where no image is built: it is named in
  the direct manifest. A lock file alone installs nothing;
* `reachable`: the module is imported, transitively, from an entry point of what the image runs, and the statement is not one of a
  function that nothing reached calls. Unknown where an import, or the entry point, is not told.

A resource is named `<application>:<language>:<what>`, without line numbers.
"""

from __future__ import annotations

from gonogo.kinds.base import Kind
from gonogo.model.shape import BOOL, DOUBLE, INT, STRING, ListOf, Shape, record

APPLICATION = "app/Application"
ROUTE = "app/Route"
CORS_POLICY = "app/CorsPolicy"
RATE_LIMIT = "app/RateLimit"
TOKEN_VERIFICATION = "app/TokenVerification"
OAUTH_FLOW = "app/OAuthFlow"
COMPRESSION = "app/Compression"
SECURITY_HEADER = "app/SecurityHeader"
LOGGING = "app/Logging"
METRIC = "app/Metric"
TRACING = "app/Tracing"
ERROR_TRACKING = "app/ErrorTracking"
CACHE_WRITE = "app/CacheWrite"
CACHE_READ = "app/CacheRead"
REDIS_CLIENT = "app/RedisClient"
API_DOCUMENTATION = "app/ApiDocumentation"
CACHE_STRATEGY = "app/CacheStrategy"

UNREAD = (
    APPLICATION, ROUTE, CORS_POLICY, RATE_LIMIT, TOKEN_VERIFICATION, OAUTH_FLOW, COMPRESSION, LOGGING, METRIC, TRACING, CACHE_WRITE, CACHE_READ,
    REDIS_CLIENT, API_DOCUMENTATION,
)  # fmt: skip
"""What a gap of application code leaves incomplete: all but what is searched in every language beside it, as text and in manifests
(security headers, error trackers)."""


def _of_code(kind: str, title: str, /, **fields: Shape) -> Kind:
    return Kind(kind, title, record(application=STRING, language=STRING, library=STRING, module=STRING, installed=BOOL, reachable=BOOL, **fields))


KINDS = (
    # framework: `` where none is known. entrypoints: modules or files that the image runs; open where a command is not understood.
    # manifest: what the direct dependencies are read from, `` without one. image: the Dockerfile or the build, `` where none is built.
    Kind(
        APPLICATION,
        "application",
        record(name=STRING, directory=STRING, language=STRING, framework=STRING, entrypoints=ListOf(STRING), manifest=STRING, image=STRING),
    ),
    # method: GET, POST, …, * for any. authenticated: a caller without credentials is refused.
    # checks: the dependencies that the handler asks (database, redis, queue, http); open where it calls what is not read.
    # reportsFailure: it answers with another status, or with other words, where a check fails.
    # answers: the handler does not only fail.
    # exposes: prometheus (its text format), json (metrics in a format of its own), `` otherwise.
    _of_code(
        ROUTE, "HTTP route", method=STRING, path=STRING, authenticated=BOOL, checks=ListOf(STRING), reportsFailure=BOOL, exposes=STRING, answers=BOOL
    ),
    # origins: `*` is everybody; a pattern that lets everybody in is `*`, too. Unknown where the environment gives them.
    _of_code(CORS_POLICY, "CORS policy", origins=ListOf(STRING), credentials=BOOL),
    # perMinute: how many requests a minute its tightest window lets through (10/hour is 0.1667). limit: as it is written.
    # applied: on a route, or on every one by default. storage: memory, redis, memcached, database. scope: a route, or `*`.
    _of_code(RATE_LIMIT, "rate limit", perMinute=DOUBLE, limit=STRING, applied=BOOL, storage=STRING, scope=STRING),
    # algorithms: as the code names them; [] where it leaves them to the library.
    # secretFrom: environment, literal, secret-manager, remote (keys of an issuer, JWKS), `` where no key is given.
    # applied: a route, or every one through a middleware, depends on it.
    # refuses: a token that fails ends the request; unknown where nobody is seen to look at the failure.
    _of_code(TOKEN_VERIFICATION, "verification of tokens", algorithms=ListOf(STRING), verifiesSignature=BOOL, secretFrom=STRING, applied=BOOL, refuses=BOOL),
    # flow: authorization-code, openid-connect, client-credentials, identity-aware-proxy, resource-server, bearer (merely takes a token out
    # of a header, which is no flow).
    _of_code(OAUTH_FLOW, "OAuth 2.0 flow", provider=STRING, flow=STRING),
    _of_code(COMPRESSION, "response compression", algorithm=STRING),
    # header: its name in lower case. maxAge: seconds, of Strict-Transport-Security; null for others.
    _of_code(SECURITY_HEADER, "security header", header=STRING, maxAge=INT),
    # format: json or text. level: DEBUG, INFO, WARNING, ERROR, CRITICAL, null where it is not set. levelFrom: environment, literal,
    # `` where it is not set. handler: stdout, file, cloud-logging, or another.
    _of_code(LOGGING, "logging set-up", format=STRING, level=STRING, levelFrom=STRING, handler=STRING),
    # type: counter, gauge, histogram, summary, or another. exporter: prometheus, opentelemetry, cloud-monitoring, statsd, ``
    # where nothing exports it. scope: request (latency or count of requests) or application. updated: something changes it.
    _of_code(METRIC, "metric", type=STRING, name=STRING, exporter=STRING, scope=STRING, updated=BOOL),
    # exporter: otlp, cloud-trace, jaeger, zipkin, console, the name of a vendor; `` where spans go nowhere.
    # here: the endpoint is this machine.
    _of_code(TRACING, "tracing set-up", exporter=STRING, endpoint=STRING, here=BOOL),
    # dsnFrom: environment, literal, secret-manager, `` where none is given.
    # muted: why it reports nothing although it is set up, `` where nothing says so.
    _of_code(ERROR_TRACKING, "error tracking set-up", service=STRING, dsnFrom=STRING, muted=STRING),
    # expires: with a finite time to live.
    _of_code(CACHE_WRITE, "write to a cache", expires=BOOL),
    _of_code(CACHE_READ, "read from a cache"),
    _of_code(REDIS_CLIENT, "Redis client", hostFrom=STRING),
    # kind: swagger, redoc or openapi. path: where it is served, `` for a file that is not. enabled: it is served in production.
    # A file of the repository has no language: it is enabled where it is a valid description, and `path` is `` unless it is served.
    _of_code(API_DOCUMENTATION, "API documentation", kind=STRING, path=STRING, enabled=BOOL),
    # A document of the application that tells how it caches. tells: those of keys, expiry and invalidation that it tells of.
    Kind(CACHE_STRATEGY, "documented cache strategy", record(application=STRING, file=STRING, title=STRING, tells=ListOf(STRING))),
)
