"""What is read of applications of Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.kinds import application as kinds
from gonogo.model.resource import Gap, Resource
from gonogo.model.value import OpenList, Unknown, Value

from .applications import found, node, of_kind

SHOP = """
const express = require('express');
const app = express();
%s
app.listen(8080);
"""


def one(root: Path, kind: str, source: str, *dependencies: str, **more: str) -> dict[str, Value]:
    """The one resource of a kind that an application has."""
    resources = of_kind(root, kind, node(source, *dependencies, **more))
    assert len(resources) == 1, resources
    return dict(resources[0])


def test_health_route_asks_the_database_and_redis_and_says_so_when_they_fail(tmp_path: Path) -> None:
    source = SHOP % """
    const { Pool } = require('pg'); const Redis = require('ioredis');
    const pool = new Pool(); const redis = new Redis(process.env.REDIS_URL);
    app.get('/health', async (req, res) => {
      try { await pool.query('SELECT 1'); await redis.ping(); res.json({ ok: true }); } catch (e) { res.status(503).json({ ok: false }); }
    });"""
    route = one(tmp_path, kinds.ROUTE, source, "express", "pg", "ioredis")
    assert (route["method"], route["path"], route["checks"], route["reportsFailure"]) == ("GET", "/health", ["database", "redis"], True)
    assert (route["installed"], route["reachable"], route["authenticated"]) == (True, True, False)


def test_a_handler_that_returns_a_constant_asks_nothing(tmp_path: Path) -> None:
    route = one(tmp_path, kinds.ROUTE, SHOP % "app.get('/health', (req, res) => res.json({status: 'ok'}));", "express")
    assert (route["checks"], route["reportsFailure"]) == ([], False)


def test_checks_are_open_where_the_handler_calls_what_is_not_read(tmp_path: Path) -> None:
    route = one(tmp_path, kinds.ROUTE, SHOP % "app.get('/health', async (req, res) => { await require(name).ping(); res.send(); });", "express")
    assert isinstance(route["checks"], OpenList)


def test_routes_of_a_mounted_router_of_another_module(tmp_path: Path) -> None:
    routes = "const { Router } = require('express'); const r = Router(); r.get('/live', (q, s) => s.send()); module.exports = r;"
    route = one(tmp_path, kinds.ROUTE, SHOP % "app.use('/api', require('./routes'));", "express", **{"routes/index.js": routes})
    assert (route["path"], route["module"], route["reachable"]) == ("/api/live", "routes/index.js", True)


def test_route_that_is_described_once_for_several_methods(tmp_path: Path) -> None:
    route = one(tmp_path, kinds.ROUTE, SHOP % "app.route('/health').get((q, s) => s.send());", "express")
    assert (route["method"], route["path"]) == ("GET", "/health")


def test_set_up_under_a_condition_of_the_code_is_not_known_to_run(tmp_path: Path) -> None:
    code = SHOP % "const config = require('config'); if (config.get('compress')) { app.use(require('compression')()); }"
    assert isinstance(one(tmp_path, kinds.COMPRESSION, code, "express", "compression", "config")["reachable"], Unknown)


def test_set_up_after_an_early_return_of_a_switch_is_not_known_to_run(tmp_path: Path) -> None:
    code = "const config = require('config'); function setup() { if (!config.tracing) return; require('@sentry/node').init({}); } setup();"
    assert isinstance(one(tmp_path, kinds.ERROR_TRACKING, code, "@sentry/node", "config")["reachable"], Unknown)


def test_router_that_is_mounted_where_it_was_not_seen_is_not_known_to_be_served(tmp_path: Path) -> None:
    route = one(tmp_path, kinds.ROUTE, SHOP % "const r = express.Router(); r.get('/live', (q, s) => s.send()); require('mounts')(app, r);", "express")
    assert isinstance(route["reachable"], Unknown)


def test_application_handed_to_a_function_is_the_same_application(tmp_path: Path) -> None:
    route = one(tmp_path, kinds.ROUTE, SHOP % "require('./setup')(app);", "express", **{"setup.js": "module.exports = (a) => { a.get('/ready', (q, s) => s.send()); };"})
    assert (route["path"], route["reachable"]) == ("/ready", True)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{windowMs: 60 * 1000, max: 10}", 10.0),
        ("{windowMs: 15 * 60 * 1000, limit: 150}", 10.0),
        ("{}", 5.0),
        ("", 5.0),
        ("{windowMs: process.env.WINDOW, max: 10}", None),
        ("options()", None),
    ],
)
def test_rate_limit_per_minute(tmp_path: Path, options: str, expected: float | None) -> None:
    limit = one(tmp_path, kinds.RATE_LIMIT, SHOP % f"const rl = require('express-rate-limit'); app.use(rl({options}));", "express", "express-rate-limit")
    assert limit["applied"] is True
    assert isinstance(limit["perMinute"], Unknown) if expected is None else limit["perMinute"] == expected


def test_rate_limit_that_no_route_uses_is_not_applied(tmp_path: Path) -> None:
    limit = one(tmp_path, kinds.RATE_LIMIT, SHOP % "const rl = require('express-rate-limit'); const limiter = rl({max: 10});", "express", "express-rate-limit")
    assert limit["applied"] is False


def test_fastify_plugin_takes_its_options_where_it_is_registered(tmp_path: Path) -> None:
    source = """import Fastify from 'fastify'; import limit from '@fastify/rate-limit';
    const app = Fastify({ logger: { level: process.env.LOG_LEVEL ?? 'info' } });
    await app.register(limit, { max: 30, timeWindow: '1 minute' });
    await app.register(async (api) => { api.get('/health', async () => ({ ok: true })); }, { prefix: '/v1' });
    await app.listen({ port: 1 });"""
    resources = {r.kind: r.attributes for r in found(tmp_path, node(source, "fastify", "@fastify/rate-limit")) if isinstance(r, Resource)}
    assert (resources[kinds.RATE_LIMIT]["perMinute"], resources[kinds.RATE_LIMIT]["applied"]) == (30.0, True)
    assert resources[kinds.ROUTE]["path"] == "/v1/health"
    assert (resources[kinds.LOGGING]["format"], resources[kinds.LOGGING]["levelFrom"]) == ("json", "environment")


@pytest.mark.parametrize(
    ("options", "origins"),
    [
        ("{origin: ['https://a.example'], credentials: true}", ["https://a.example"]),
        ("{origin: 'https://a.example'}", ["https://a.example"]),
        ("{origin: true}", ["*"]),
        ("", ["*"]),
        ("{origin: process.env.ORIGINS}", None),
        ("{origin: (o, done) => done(null, true)}", None),
    ],
)
def test_cors_origins(tmp_path: Path, options: str, origins: list[str] | None) -> None:
    policy = one(tmp_path, kinds.CORS_POLICY, SHOP % f"app.use(require('cors')({options}));", "express", "cors")
    assert isinstance(policy["origins"], Unknown) if origins is None else policy["origins"] == origins


def test_header_set_by_hand_for_everybody(tmp_path: Path) -> None:
    source = SHOP % "app.use((req, res, next) => { res.setHeader('Access-Control-Allow-Origin', '*'); res.set('Strict-Transport-Security', 'max-age=31536000'); next(); });"
    resources = {r.kind: r.attributes for r in found(tmp_path, node(source, "express")) if isinstance(r, Resource)}
    assert resources[kinds.CORS_POLICY]["origins"] == ["*"]
    assert (resources[kinds.SECURITY_HEADER]["maxAge"], resources[kinds.SECURITY_HEADER]["reachable"]) == (31536000, True)


def test_token_is_verified_by_a_middleware_with_a_secret_of_the_environment(tmp_path: Path) -> None:
    auth = """const jwt = require('jsonwebtoken');
    exports.guard = (req, res, next) => { jwt.verify(req.headers.authorization, process.env.JWT_SECRET, { algorithms: ['HS256'] }); next(); };"""
    source = SHOP % "const { guard } = require('./auth'); app.get('/orders', guard, (q, s) => s.send());"
    files = node(source, "express", "jsonwebtoken", **{"auth.js": auth})
    resources = {r.kind: r.attributes for r in found(tmp_path, files) if isinstance(r, Resource)}
    token = resources[kinds.TOKEN_VERIFICATION]
    assert (token["algorithms"], token["verifiesSignature"], token["secretFrom"], token["applied"]) == (["HS256"], True, "environment", True)
    assert resources[kinds.ROUTE]["authenticated"] is True


@pytest.mark.parametrize(
    ("statement", "verifies", "source"),
    [
        ("jwt.decode(t)", False, ""),
        ("jwt.verify(t, '', { algorithms: ['none'] })", False, ""),
        ("jwt.verify(t, 'secret')", True, "literal"),
        # What stands in where the environment gives none: which of the two decides, the code does not tell.
        ("jwt.verify(t, process.env.S || 'secret')", True, None),
    ],
)
def test_token_that_is_not_verified_well(tmp_path: Path, statement: str, verifies: bool, source: str | None) -> None:
    code = SHOP % f"const jwt = require('jsonwebtoken'); app.get('/o', (q, s) => {{ const t = q.headers.x; {statement}; s.send(); }});"
    token = one(tmp_path, kinds.TOKEN_VERIFICATION, code, "express", "jsonwebtoken")
    assert token["verifiesSignature"] is verifies
    assert token["secretFrom"] == source if source is not None else isinstance(token["secretFrom"], Unknown)


@pytest.mark.parametrize(
    ("statement", "expires"),
    [
        ("r.set('k', 'v', 'EX', 60)", True),
        ("r.set('k', 'v', { EX: 60 })", True),
        ("r.setex('k', 60, 'v')", True),
        ("r.set('k', 'v'); r.expire('k', 60)", True),
        ("r.set('k', 'v')", False),
        ("r.set('k', 'v', options)", None),
    ],
)
def test_expiry_of_cache_writes(tmp_path: Path, statement: str, expires: bool | None) -> None:
    code = SHOP % f"const Redis = require('ioredis'); const r = new Redis('redis://cache'); app.get('/o', (q, s) => {{ const options = q.query.o; {statement}; }});"
    write = one(tmp_path, kinds.CACHE_WRITE, code, "express", "ioredis")
    assert isinstance(write["expires"], Unknown) if expires is None else write["expires"] is expires


def test_metric_is_exported_where_a_route_serves_the_registry(tmp_path: Path) -> None:
    code = SHOP % """const client = require('prom-client'); const c = new client.Counter({ name: 'orders_total', help: 'x' });
    app.get('/metrics', async (q, s) => s.send(await client.register.metrics())); app.post('/o', (q, s) => { c.inc(); s.send(); });"""
    files = node(code, "express", "prom-client")
    metric = of_kind(tmp_path, kinds.METRIC, files)[0]
    assert (metric["type"], metric["exporter"], metric["scope"], metric["updated"]) == ("counter", "prometheus", "application", True)
    assert [r["exposes"] for r in of_kind(tmp_path, kinds.ROUTE, files) if r["path"] == "/metrics"] == ["prometheus"]


def test_metrics_route_of_a_format_of_its_own(tmp_path: Path) -> None:
    route = one(tmp_path, kinds.ROUTE, SHOP % "app.get('/metrics', (q, s) => s.json({ orders: 1 }));", "express")
    assert route["exposes"] == "json"


@pytest.mark.parametrize(
    ("statement", "form", "level_from"),
    [
        ("require('pino')({ level: process.env.LOG_LEVEL })", "json", "environment"),
        ("require('pino')({ transport: { target: 'pino-pretty' } })", "text", ""),
        ("require('pino')({ transport: process.env.NODE_ENV !== 'production' ? { target: 'pino-pretty' } : undefined })", "json", ""),
        ("w.createLogger({ level: 'debug', format: w.format.combine(w.format.timestamp(), w.format.json()) })", "json", "literal"),
        ("w.createLogger({ format: w.format.combine(w.format.timestamp(), w.format.simple()) })", "text", ""),
    ],
)
def test_logging(tmp_path: Path, statement: str, form: str, level_from: str) -> None:
    log = one(tmp_path, kinds.LOGGING, f"const w = require('winston'); const log = {statement};", "pino", "winston")
    assert (log["format"], log["levelFrom"]) == (form, level_from)


def test_setting_read_by_a_function_of_the_application(tmp_path: Path) -> None:
    code = "const env = (name, fallback) => process.env[name] || fallback; require('pino')({ level: env('LOG_LEVEL', 'info') });"
    log = one(tmp_path, kinds.LOGGING, code, "pino")
    assert (log["level"], log["levelFrom"]) == ("INFO", "environment")


def test_tracing_needs_to_be_started(tmp_path: Path) -> None:
    head = """const { NodeSDK } = require('@opentelemetry/sdk-node'); const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
    const sdk = new NodeSDK({ traceExporter: new OTLPTraceExporter({ url: 'http://collector:4318' }) });"""
    tracing = one(tmp_path, kinds.TRACING, head + "sdk.start();", "@opentelemetry/sdk-node")
    assert (tracing["exporter"], tracing["endpoint"], tracing["reachable"]) == ("otlp", "http://collector:4318", True)
    assert one(tmp_path, kinds.TRACING, head, "@opentelemetry/sdk-node")["reachable"] is False


def test_what_a_setting_turns_on_is_not_known_to_run(tmp_path: Path) -> None:
    code = SHOP % "if (process.env.COMPRESS) app.use(require('compression')());"
    assert isinstance(one(tmp_path, kinds.COMPRESSION, code, "express", "compression")["reachable"], Unknown)


def test_nest(tmp_path: Path) -> None:
    main = """import { NestFactory } from '@nestjs/core'; import { AppModule } from './app.module'; import helmet from 'helmet';
    async function bootstrap() { const app = await NestFactory.create(AppModule); app.setGlobalPrefix('api'); app.use(helmet());
      app.enableCors({ origin: ['https://a.example'] }); await app.listen(3000); }
    bootstrap();"""
    module = """import { Module } from '@nestjs/common'; import { APP_GUARD } from '@nestjs/core'; import { ThrottlerModule, ThrottlerGuard } from '@nestjs/throttler';
    import { HealthController } from './health.controller';
    @Module({ imports: [ThrottlerModule.forRoot([{ ttl: 60000, limit: 10 }])], controllers: [HealthController], providers: [{ provide: APP_GUARD, useClass: ThrottlerGuard }] })
    export class AppModule {}"""
    controller = """import { Controller, Get } from '@nestjs/common'; import { HealthCheckService, TypeOrmHealthIndicator } from '@nestjs/terminus';
    @Controller('health') export class HealthController { constructor(private readonly health: HealthCheckService, private readonly db: TypeOrmHealthIndicator) {}
      @Get() check() { return this.health.check([() => this.db.pingCheck('database')]); } }
    @Controller('dead') export class DeadController { @Get() check() { return 1; } }"""
    manifest = '{"name": "n", "scripts": {"start:prod": "node dist/main"}, "dependencies": {"@nestjs/core": "1", "@nestjs/common": "1", "@nestjs/throttler": "1", "@nestjs/terminus": "1", "helmet": "7"}}'
    image = "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nCMD [\"npm\", \"run\", \"start:prod\"]\n"
    files = {"package.json": manifest, "Dockerfile": image, "src/main.ts": main, "src/app.module.ts": module, "src/health.controller.ts": controller}
    resources = [r for r in found(tmp_path, files) if isinstance(r, Resource)]
    routes = {r.attributes["path"]: r.attributes for r in resources if r.kind == kinds.ROUTE}
    assert (routes["/api/health"]["checks"], routes["/api/health"]["reportsFailure"], routes["/api/health"]["reachable"]) == (["database"], True, True)
    assert routes["/api/dead"]["reachable"] is False
    by_kind = {r.kind: r.attributes for r in resources}
    assert (by_kind[kinds.RATE_LIMIT]["perMinute"], by_kind[kinds.RATE_LIMIT]["applied"]) == (10.0, True)
    assert by_kind[kinds.CORS_POLICY]["origins"] == ["https://a.example"]
    assert by_kind[kinds.SECURITY_HEADER]["reachable"] is True


def test_types_and_path_aliases_of_typescript(tmp_path: Path) -> None:
    files = {
        "package.json": '{"name": "t", "main": "dist/server.js", "dependencies": {"express": "4"}}',
        "tsconfig.json": '{"compilerOptions": {"outDir": "./dist", "rootDir": "./src", "baseUrl": ".", "paths": {"@app/*": ["src/*"]},}, // comment\n}',
        "Dockerfile": "FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nCMD [\"node\", \"dist/server.js\"]\n",
        "src/server.ts": "import express, { type Express } from 'express'; import { routes } from '@app/routes'; const app: Express = express(); routes(app); app.listen(1);",
        "src/routes.ts": "import type { Express } from 'express'; export function routes(app: Express): void { app.get('/health', (_q, s) => { s.send(); }); }",
    }
    routes = of_kind(tmp_path, kinds.ROUTE, files)
    assert [(r["path"], r["reachable"]) for r in routes] == [("/health", True)]


def test_files_of_next_are_routes(tmp_path: Path) -> None:
    files = {
        "package.json": '{"scripts": {"start": "next start"}, "dependencies": {"next": "15", "pg": "8"}}',
        "Dockerfile": 'FROM node:22\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\nCMD ["npm", "start"]\n',
        "src/app/(ops)/api/health/route.ts": "import { Pool } from 'pg'; const p = new Pool(); export async function GET() { await p.query('SELECT 1'); return Response.json({}); }",
        "pages/api/users/[id].js": "export default function handler(req, res) { res.json({}); }",
        "src/app/page.tsx": "export default function Page() { return <p>/api/health</p>; }",
    }
    routes = {(r["method"], r["path"]): (r["checks"], r["reportsFailure"]) for r in of_kind(tmp_path, kinds.ROUTE, files)}
    assert routes == {("GET", "/api/health"): (["database"], True), ("*", "/api/users/:id"): ([], False)}


# What is not so.


def test_module_that_nobody_imports_is_not_reached(tmp_path: Path) -> None:
    dead = "const S = require('@sentry/node'); S.init({ dsn: process.env.SENTRY_DSN });"
    assert one(tmp_path, kinds.ERROR_TRACKING, SHOP % "", "express", "@sentry/node", **{"lib/sentry.js": dead})["reachable"] is False


def test_function_that_nobody_calls_is_not_reached(tmp_path: Path) -> None:
    code = SHOP % "function setup() { app.use(require('compression')()); }"
    assert one(tmp_path, kinds.COMPRESSION, code, "express", "compression")["reachable"] is False


def test_import_of_a_type_loads_nothing(tmp_path: Path) -> None:
    files = node("", "express", **{"server.ts": "import type { X } from './dead';", "dead.ts": "import * as S from '@sentry/node'; S.init({ dsn: 'x' }); export type X = string;"})
    files["Dockerfile"] = files["Dockerfile"].replace("server.js", "server.ts")
    del files["server.js"]
    assert [t["reachable"] for t in of_kind(tmp_path, kinds.ERROR_TRACKING, files)] == [False]


def test_library_of_the_lock_file_or_of_development_is_not_installed(tmp_path: Path) -> None:
    files = node(SHOP % "app.use(require('helmet')()); app.use(require('compression')());", "express", **{"package-lock.json": '{"packages": {"node_modules/helmet": {}}}'})
    files["package.json"] = '{"dependencies": {"express": "4"}, "devDependencies": {"compression": "1"}}'
    resources = {r.kind: r.attributes for r in found(tmp_path, files) if isinstance(r, Resource)}
    assert resources[kinds.SECURITY_HEADER]["installed"] is False
    assert resources[kinds.COMPRESSION]["installed"] is False


def test_words_in_comments_texts_and_documents_are_nothing(tmp_path: Path) -> None:
    code = SHOP % "// app.use(helmet())\n const s = \"app.get('/health')\"; /* rateLimit({max: 10}) */ const helmet = (x) => x; app.use(helmet);"
    resources = found(tmp_path, node(code, "express", "helmet", **{"README.md": "express-rate-limit, /health, helmet"}))
    assert [r.kind for r in resources if isinstance(r, Resource)] == [kinds.APPLICATION]


def test_module_whose_name_is_computed_leaves_the_rest_unknown(tmp_path: Path) -> None:
    files = node(SHOP % "require(process.argv[2]);", "express", "@sentry/node", **{"lib/sentry.js": "require('@sentry/node').init({ dsn: process.env.D });"})
    assert [isinstance(t["reachable"], Unknown) for t in of_kind(tmp_path, kinds.ERROR_TRACKING, files)] == [True]


def test_start_that_is_not_known_leaves_the_code_unknown(tmp_path: Path) -> None:
    files = node(SHOP % "app.get('/health', (q, s) => s.send());", "express")
    files["Dockerfile"] = "FROM node:22\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"$FILE\"]\n"
    assert [isinstance(r["reachable"], Unknown) for r in of_kind(tmp_path, kinds.ROUTE, files)] == [True]


def test_source_that_does_not_parse_is_a_gap_where_it_matters(tmp_path: Path) -> None:
    gaps = [g for g in found(tmp_path, node("const a = require('express'; a.get(('/health', {{{", "express")) if isinstance(g, Gap)]
    assert [(g.file, g.kinds) for g in gaps] == [("server.js", kinds.UNREAD)]


def test_hostile_source_is_bounded(tmp_path: Path) -> None:
    deep = "x = " + "[" * 5_000 + "]" * 5_000 + ";"
    wide = "const a = () => a; a" + "()" * 5_000 + ";"
    loop = "const a = require('./b'); module.exports = a.x;"
    resources = found(tmp_path, node(deep, "express", **{"w.js": wide, "b.js": loop.replace("./b", "./c"), "c.js": loop}))
    assert [g.file for g in resources if isinstance(g, Gap)] == ["server.js"]


def test_one_application_for_each_package_that_an_image_is_of(tmp_path: Path) -> None:
    files = {
        "package.json": '{"workspaces": ["apps/*", "libs/*"]}',
        "apps/a/package.json": '{"name": "a", "scripts": {"start": "node index.js"}, "dependencies": {"express": "4", "@x/log": "*"}}',
        "apps/a/Dockerfile": "FROM node:22\nWORKDIR /repo\nCOPY . .\nRUN npm ci\nWORKDIR /repo/apps/a\nCMD [\"npm\", \"start\"]\n",
        "apps/a/index.js": "require('@x/log');",
        "apps/b/package.json": '{"name": "b"}',
        "apps/b/Dockerfile": "FROM node:22\nWORKDIR /repo\nCOPY . .\nRUN npm ci\nCMD [\"node\", \"apps/b/index.js\"]\n",
        "apps/b/index.js": "",
        "libs/log/package.json": '{"name": "@x/log", "main": "dist/index.js", "dependencies": {"pino": "9"}}',
        "libs/log/src/index.ts": "import pino from 'pino'; export const log = pino();",
        "compose.yaml": "services:\n  a: {build: {context: ., dockerfile: apps/a/Dockerfile}}\n  b: {build: {context: ., dockerfile: apps/b/Dockerfile}}\n",
    }
    resources = [r for r in found(tmp_path, files) if isinstance(r, Resource)]
    applications = {r.attributes["directory"]: r.attributes["entrypoints"] for r in resources if r.kind == kinds.APPLICATION}
    assert applications == {"apps/a": ["apps/a/index.js"], "apps/b": ["apps/b/index.js"]}
    assert [(r.attributes["module"], r.attributes["reachable"]) for r in resources if r.kind == kinds.LOGGING] == [("libs/log/src/index.ts", True)]


def test_an_index_before_the_first_is_no_member(tmp_path: Path) -> None:
    resources = found(tmp_path, node("const app = require('express')(); const paths = []; app.get(paths[-1], h); app.get('/health', (a, b) => b.end());", "express"))
    assert [r.reason for r in resources if isinstance(r, Gap)] == []
    assert "/health" in [r.attributes["path"] for r in resources if isinstance(r, Resource) and r.kind == kinds.ROUTE]
