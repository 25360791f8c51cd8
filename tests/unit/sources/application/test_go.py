"""What is read of applications in Go."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.kinds import application as kinds
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import OpenList, Unknown, Value

from .applications import found, go, of_kind

GIN = """package main

import (
	"os"
	"time"

	"github.com/gin-gonic/gin"
	%s
)

%s

func main() {
	r := gin.New()
	%s
	_, _ = os.Getenv("X"), time.Second
	r.Run(":8080")
}
"""


def gin(imports: str = "", declared: str = "", body: str = "") -> str:
    return GIN % (imports, declared, body)


def one(root: Path, kind: str, source: str, *requirements: str, **more: str) -> dict[str, Value]:
    """The one resource of a kind that an application has."""
    resources = of_kind(root, kind, go(source, "github.com/gin-gonic/gin", *requirements, **more))
    assert len(resources) == 1, resources
    return dict(resources[0])


def test_health_route_of_net_http_asks_the_database(tmp_path: Path) -> None:
    source = """package main
import (
	"database/sql"
	"net/http"
)
type server struct { db *sql.DB }
func (s *server) health(w http.ResponseWriter, r *http.Request) {
	if err := s.db.PingContext(r.Context()); err != nil {
		http.Error(w, "no", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(200)
}
func main() {
	db, _ := sql.Open("postgres", "")
	s := &server{db: db}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.health)
	http.ListenAndServe(":8080", mux)
}
"""
    route = one(tmp_path, kinds.ROUTE, source)
    assert (route["method"], route["path"], route["checks"], route["reportsFailure"]) == ("GET", "/healthz", ["database"], True)
    assert (route["reachable"], route["installed"], route["library"]) == (True, True, "")


def test_groups_and_constant_handlers_of_gin(tmp_path: Path) -> None:
    route = one(tmp_path, kinds.ROUTE, gin(body='v1 := r.Group("/v1")\n\tv1.GET("/health", func(c *gin.Context) { c.JSON(200, gin.H{"ok": true}) })'))
    assert (route["path"], route["checks"], route["reportsFailure"]) == ("/v1/health", [], False)


def test_nested_routers_of_chi_and_checks_of_both(tmp_path: Path) -> None:
    source = """package main
import (
	"net/http"
	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)
func routes(pool *pgxpool.Pool, cache *redis.Client) http.Handler {
	r := chi.NewRouter()
	r.Route("/ops", func(r chi.Router) {
		r.Get("/ready", func(w http.ResponseWriter, q *http.Request) {
			if pool.Ping(q.Context()) != nil || cache.Ping(q.Context()).Err() != nil { w.WriteHeader(http.StatusServiceUnavailable) }
		})
	})
	return r
}
func main() { http.ListenAndServe(":8080", routes(nil, nil)) }
"""
    route = one(tmp_path, kinds.ROUTE, source, "github.com/go-chi/chi/v5", "github.com/jackc/pgx/v5", "github.com/redis/go-redis/v9")
    assert (route["path"], route["checks"], route["reportsFailure"], route["reachable"]) == ("/ops/ready", ["database", "redis"], True, True)


def test_grpc_health_service(tmp_path: Path) -> None:
    source = """package main
import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)
func main() { s := grpc.NewServer(); healthpb.RegisterHealthServer(s, health.NewServer()) }
"""
    route = one(tmp_path, kinds.ROUTE, source, "google.golang.org/grpc")
    assert (route["path"], route["installed"]) == ("/grpc.health.v1.Health/Check", True)


@pytest.mark.parametrize(
    ("imports", "call", "expected"),
    [
        ('"github.com/ulule/limiter/v3"\n\tmgin "github.com/ulule/limiter/v3/drivers/middleware/gin"', 'rate, _ := limiter.NewRateFromFormatted("10-M")\n\tr.Use(mgin.NewMiddleware(limiter.New(nil, rate)))', 10.0),
        ('"golang.org/x/time/rate"', "lim := rate.NewLimiter(rate.Limit(2), 5)\n\tr.Use(func(c *gin.Context) { if !lim.Allow() { c.AbortWithStatus(429) } })", 120.0),
        ('"golang.org/x/time/rate"', "lim := rate.NewLimiter(rate.Every(6*time.Second), 5)\n\tr.Use(func(c *gin.Context) { if !lim.Allow() { c.AbortWithStatus(429) } })", 10.0),
    ],
)
def test_rate_limits(tmp_path: Path, imports: str, call: str, expected: float) -> None:
    limit = one(tmp_path, kinds.RATE_LIMIT, gin(imports, body=call), "github.com/ulule/limiter/v3", "golang.org/x/time")
    assert (limit["perMinute"], limit["applied"]) == (expected, True)


def test_rate_limit_that_nothing_asks_is_not_applied(tmp_path: Path) -> None:
    limit = one(tmp_path, kinds.RATE_LIMIT, gin('"golang.org/x/time/rate"', body="lim := rate.NewLimiter(1, 5)\n\tprintln(lim.Burst())"), "golang.org/x/time")
    assert limit["applied"] is False


def test_httprate_and_cors_of_chi(tmp_path: Path) -> None:
    source = """package main
import (
	"net/http"
	"time"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/cors"
	"github.com/go-chi/httprate"
)
func main() {
	r := chi.NewRouter()
	r.Use(httprate.LimitByIP(10, 1*time.Minute))
	r.Use(cors.Handler(cors.Options{AllowedOrigins: []string{"https://a.example"}, AllowCredentials: true}))
	r.Use(middleware.Compress(5))
	http.ListenAndServe(":1", r)
}
"""
    files = go(source, "github.com/go-chi/chi/v5", "github.com/go-chi/cors", "github.com/go-chi/httprate")
    resources = {r.kind: r.attributes for r in found(tmp_path, files) if isinstance(r, Resource)}
    assert (resources[kinds.RATE_LIMIT]["perMinute"], resources[kinds.RATE_LIMIT]["applied"]) == (10.0, True)
    assert (resources[kinds.CORS_POLICY]["origins"], resources[kinds.CORS_POLICY]["credentials"]) == (["https://a.example"], True)
    assert resources[kinds.COMPRESSION]["reachable"] is True


@pytest.mark.parametrize(
    ("call", "origins"),
    [
        ("cors.Default()", ["*"]),
        ('cors.New(cors.Config{AllowOrigins: []string{"https://a.example"}})', ["https://a.example"]),
        ("cors.New(cors.Config{AllowAllOrigins: true})", ["*"]),
        ('cors.New(cors.Config{AllowOrigins: []string{os.Getenv("ORIGIN")}})', None),
        ("cors.New(cors.Config{AllowOriginFunc: func(o string) bool { return true }})", None),
    ],
)
def test_cors_of_gin(tmp_path: Path, call: str, origins: list[str] | None) -> None:
    policy = one(tmp_path, kinds.CORS_POLICY, gin('"github.com/gin-contrib/cors"', body=f"r.Use({call})"), "github.com/gin-contrib/cors")
    assert isinstance(policy["origins"], Unknown | OpenList) if origins is None else policy["origins"] == origins


def test_token_is_verified_in_a_middleware(tmp_path: Path) -> None:
    declared = """func guard(c *gin.Context) {
	_, err := jwt.Parse(c.GetHeader("Authorization"), func(t *jwt.Token) (interface{}, error) { return []byte(os.Getenv("JWT_SECRET")), nil }, jwt.WithValidMethods([]string{"HS256"}))
	if err != nil { c.AbortWithStatus(401) }
}"""
    source = gin('"github.com/golang-jwt/jwt/v5"', declared, 'r.Use(guard)\n\tr.GET("/orders", func(c *gin.Context) {})')
    resources = {r.kind: r.attributes for r in found(tmp_path, go(source, "github.com/gin-gonic/gin", "github.com/golang-jwt/jwt/v5")) if isinstance(r, Resource)}
    token = resources[kinds.TOKEN_VERIFICATION]
    assert (token["algorithms"], token["verifiesSignature"], token["secretFrom"], token["applied"]) == (["HS256"], True, "environment", True)
    assert resources[kinds.ROUTE]["authenticated"] is True


def test_unverified_token_is_no_verification(tmp_path: Path) -> None:
    body = 'r.GET("/o", func(c *gin.Context) { jwt.NewParser().ParseUnverified(c.Query("t"), nil) })'
    token = one(tmp_path, kinds.TOKEN_VERIFICATION, gin('"github.com/golang-jwt/jwt/v5"', body=body), "github.com/golang-jwt/jwt/v5")
    assert token["verifiesSignature"] is False


@pytest.mark.parametrize(
    ("imports", "body", "form", "level", "level_from"),
    [
        ('"go.uber.org/zap"', "log, _ := zap.NewProduction()\n\t_ = log", "json", "INFO", ""),
        ('"log/slog"', "slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: slog.LevelDebug})))", "json", "DEBUG", "literal"),
        ('"log/slog"', "slog.SetDefault(slog.New(slog.NewTextHandler(os.Stdout, nil)))", "text", "INFO", ""),
        ('log "github.com/sirupsen/logrus"', 'log.SetFormatter(&log.JSONFormatter{})\n\tlvl, _ := log.ParseLevel(os.Getenv("LOG_LEVEL"))\n\tlog.SetLevel(lvl)', "json", None, "environment"),
        ('"github.com/rs/zerolog"', "l := zerolog.New(os.Stdout)\n\t_ = l", "json", None, ""),
    ],
)
def test_logging(tmp_path: Path, imports: str, body: str, form: str, level: str | None, level_from: str) -> None:
    requirements = ("go.uber.org/zap", "github.com/sirupsen/logrus", "github.com/rs/zerolog")
    log = one(tmp_path, kinds.LOGGING, gin(imports, body=body), *requirements)
    assert (log["format"], log["levelFrom"]) == (form, level_from)
    assert log["level"] == level or (level is None and isinstance(log["level"], Unknown))


def test_metrics(tmp_path: Path) -> None:
    declared = """var orders = promauto.NewCounterVec(prometheus.CounterOpts{Name: "orders_total"}, []string{"kind"})
var unused = prometheus.NewGauge(prometheus.GaugeOpts{Name: "unused"})"""
    imports = '"github.com/prometheus/client_golang/prometheus"\n\t"github.com/prometheus/client_golang/prometheus/promauto"\n\t"github.com/prometheus/client_golang/prometheus/promhttp"'
    body = 'r.GET("/metrics", gin.WrapH(promhttp.Handler()))\n\tr.POST("/o", func(c *gin.Context) { orders.WithLabelValues("x").Inc() })'
    files = go(gin(imports, declared, body), "github.com/gin-gonic/gin", "github.com/prometheus/client_golang")
    metrics = {m["name"]: (m["type"], m["exporter"], m["scope"], m["updated"]) for m in of_kind(tmp_path, kinds.METRIC, files)}
    assert metrics == {"orders_total": ("counter", "prometheus", "application", True), "unused": ("gauge", "", "application", False)}
    assert {r["path"]: r["exposes"] for r in of_kind(tmp_path, kinds.ROUTE, files)} == {"/metrics": "prometheus", "/o": ""}


@pytest.mark.parametrize(("registered", "reachable"), [("otel.SetTracerProvider(tp)", True), ("_ = tp", False)])
def test_tracing_needs_to_be_registered(tmp_path: Path, registered: str, reachable: bool) -> None:
    imports = '"context"\n\t"go.opentelemetry.io/otel"\n\t"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"\n\tsdktrace "go.opentelemetry.io/otel/sdk/trace"'
    body = f"exporter, _ := otlptracegrpc.New(context.Background())\n\ttp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))\n\t{registered}"
    tracing = one(tmp_path, kinds.TRACING, gin(imports, body=body), "go.opentelemetry.io/otel", "go.opentelemetry.io/otel/sdk")
    assert (tracing["exporter"], tracing["reachable"]) == ("otlp", reachable)


@pytest.mark.parametrize(("ttl", "expires"), [("10*time.Minute", True), ("0", False), ("ttl()", None)])
def test_expiry_of_cache_writes(tmp_path: Path, ttl: str, expires: bool | None) -> None:
    body = f'c := redis.NewClient(&redis.Options{{Addr: os.Getenv("REDIS")}})\n\tc.Set(nil, "k", "v", {ttl})\n\tc.Get(nil, "k")'
    files = go(gin('"github.com/redis/go-redis/v9"', body=body), "github.com/redis/go-redis/v9")
    resources = {r.kind: r.attributes for r in found(tmp_path, files) if isinstance(r, Resource)}
    expiry = resources[kinds.CACHE_WRITE]["expires"]
    assert isinstance(expiry, Unknown) if expires is None else expiry is expires
    assert resources[kinds.REDIS_CLIENT]["hostFrom"] == "environment"
    assert resources[kinds.CACHE_READ]["reachable"] is True


# What is not so.


def test_package_that_nothing_imports_and_function_that_nobody_calls_are_not_reached(tmp_path: Path) -> None:
    init = 'package %s\n\nimport "github.com/getsentry/sentry-go"\n\nfunc Setup() { sentry.Init(sentry.ClientOptions{Dsn: "https://x"}) }\n'
    files = go(gin('"example.com/shop/internal/used"', body="_ = used.X"), "github.com/getsentry/sentry-go", **{
        "internal/dead/dead.go": init % "dead", "internal/used/used.go": init % "used" + "var X = 1\n",
    })  # fmt: skip
    assert [(e["module"], e["reachable"]) for e in of_kind(tmp_path, kinds.ERROR_TRACKING, files)] == [("internal/dead/dead.go", False), ("internal/used/used.go", False)]


def test_other_programs_of_the_module_are_not_what_the_image_runs(tmp_path: Path) -> None:
    tool = 'package main\n\nimport "net/http"\n\nfunc main() { http.HandleFunc("/health", nil) }\n'
    assert one(tmp_path, kinds.ROUTE, gin(), **{"cmd/tool/main.go": tool})["reachable"] is False


def test_tests_and_files_of_other_platforms_are_not_built(tmp_path: Path) -> None:
    route = 'package main\n\nfunc init() { http.HandleFunc("/health", nil) }\n'
    other = {"cmd/server/a_test.go": route, "cmd/server/a_windows.go": route, "cmd/server/b.go": f"//go:build integration\n\n{route}"}
    assert of_kind(tmp_path, kinds.ROUTE, go(gin(), **other)) == []


def test_library_that_go_mod_does_not_require_is_not_installed(tmp_path: Path) -> None:
    files = go(gin('"github.com/gin-contrib/gzip"', body="r.Use(gzip.Gzip(1))"), "github.com/gin-gonic/gin", **{"go.sum": "github.com/gin-contrib/gzip v1.0.0 h1:x\n"})
    assert [c["installed"] for c in of_kind(tmp_path, kinds.COMPRESSION, files)] == [False]


def test_words_in_comments_and_texts_are_nothing(tmp_path: Path) -> None:
    body = '// r.GET("/health", h)\n\t_ = `r.Use(cors.Default()) /health`'
    assert [r.kind for r in found(tmp_path, go(gin(body=body), "github.com/gin-contrib/cors")) if isinstance(r, Resource)] == [kinds.APPLICATION]


def test_what_is_built_is_unknown_where_an_argument_tells_it(tmp_path: Path) -> None:
    files = go(gin(body='r.GET("/health", func(c *gin.Context) {})'), "github.com/gin-gonic/gin", **{"cmd/b/main.go": "package main\n\nfunc main() {}\n"})
    files["Dockerfile"] = "FROM golang:1.24\nARG NAME\nCOPY . .\nRUN go build -o /app ./cmd/$NAME\nCMD [\"/app\"]\n"
    assert [isinstance(r["reachable"], Unknown) for r in of_kind(tmp_path, kinds.ROUTE, files)] == [True]


def test_source_that_does_not_parse_is_a_gap_where_it_matters(tmp_path: Path) -> None:
    gaps = [g for g in found(tmp_path, go(gin(body='r.GET("/health", func(c *gin.Context { ;;; jwt cors'))) if isinstance(g, Gap)]
    assert {g.file for g in gaps} == {"cmd/server/main.go"}


def test_go_mod_that_names_no_module_is_a_gap(tmp_path: Path) -> None:
    files = {**go(gin()), "go.mod": "go 1.24\n"}
    assert [g.file for g in found(tmp_path, files) if isinstance(g, Gap)] == ["go.mod"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('r.GET("/live", live)\n\tr.Run()', True),
        ('r.Run()\n\tr.GET("/live", live)', False),
        ('if err := r.Run(); err != nil { panic(err) }\n\tr.GET("/live", live)', False),
        ('log.Fatal(http.ListenAndServe(":80", r))\n\tadd(r)', False),
        ('err := http.ListenAndServe(":80", r)\n\tr.GET("/live", live)\n\tlog.Println(err)', False),
        ('go r.Run()\n\tr.GET("/live", live)\n\tselect {}', True),
        ('go func() { r.Run() }()\n\tr.GET("/live", live)\n\tselect {}', True),
        ('if len(os.Args) > 1 { r.Run() }\n\tr.GET("/live", live)\n\tr.Run(":81")', True),
        ('defer r.Run()\n\tr.GET("/live", live)', True),
    ],
)
def test_route_that_is_registered_when_the_server_has_ended(tmp_path: Path, body: str, expected: bool) -> None:
    source = """package main
import (
	"log"
	"net/http"
	"os"
	"github.com/gin-gonic/gin"
)
func live(c *gin.Context) {}
func add(r *gin.Engine) { r.GET("/live", live) }
func main() {
	_, _, _ = http.StatusOK, os.Args, log.Println
	r := gin.New()
	%s
}
"""
    routes = of_kind(tmp_path, kinds.ROUTE, go(source % body, "github.com/gin-gonic/gin"))
    assert {r["reachable"] for r in routes} == ({True, False} if expected and len(routes) > 1 else {expected})
