"""Credentials in the bytes of a file: formats that cannot be mistaken, by the documentation of who issues them."""

from __future__ import annotations

import re
from collections.abc import Iterator

# (what every match begins with or holds, what it is, its form). The first is looked for before any pattern is tried.
_FORMATS: tuple[tuple[bytes, str, re.Pattern[bytes]], ...] = (
    (b"PRIVATE KEY", "private key", re.compile(
        rb"-----BEGIN (?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr])+(?:[A-Za-z-]{1,40}: [^\r\n\\]{0,200}(?:\r?\n|\\n)){0,10}\s{0,4}"
        rb"(?:[A-Za-z0-9+/=]|\s|\\[nr]){64}")),
    (b"AKIA", "AWS access key", re.compile(rb"(?<![A-Za-z0-9])AKIA[0-9A-Z]{16}(?![A-Za-z0-9])")),
    (b"AIza", "Google API key", re.compile(rb"(?<![A-Za-z0-9_-])AIza[0-9A-Za-z_-]{35}(?![A-Za-z0-9_-])")),
    (b"GOCSPX-", "Google OAuth client secret", re.compile(rb"\bGOCSPX-[0-9A-Za-z_-]{28}\b")),
    (b"ghp_", "GitHub token", re.compile(rb"\bghp_[0-9A-Za-z]{36}\b")),
    (b"gho_", "GitHub token", re.compile(rb"\bgho_[0-9A-Za-z]{36}\b")),
    (b"ghs_", "GitHub token", re.compile(rb"\bghs_[0-9A-Za-z]{36}\b")),
    (b"ghr_", "GitHub token", re.compile(rb"\bghr_[0-9A-Za-z]{36}\b")),
    (b"github_pat_", "GitHub token", re.compile(rb"\bgithub_pat_[0-9A-Za-z]{22}_[0-9A-Za-z]{59}\b")),
    (b"glpat-", "GitLab token", re.compile(rb"\bglpat-[0-9A-Za-z_-]{20}\b")),
    (b"xox", "Slack token", re.compile(rb"\bxox[abeprs]-[0-9]{8,}-[0-9A-Za-z-]{16,}\b")),
    (b"hooks.slack.com/services/", "Slack webhook", re.compile(rb"hooks\.slack\.com/services/T[0-9A-Z]{8,}/B[0-9A-Z]{8,}/[0-9A-Za-z]{20,}")),
    (b"discord", "Discord webhook", re.compile(rb"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[0-9A-Za-z_-]{60,}")),
    (b"sk_live_", "Stripe key", re.compile(rb"\bsk_live_[0-9A-Za-z]{24,}\b")),
    (b"rk_live_", "Stripe key", re.compile(rb"\brk_live_[0-9A-Za-z]{24,}\b")),
    (b"SG.", "SendGrid key", re.compile(rb"\bSG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}\b")),
    (b"npm_", "npm token", re.compile(rb"\bnpm_[0-9A-Za-z]{36}\b")),
    (b"pypi-AgEIcHlwaS5vcmc", "PyPI token", re.compile(rb"\bpypi-AgEIcHlwaS5vcmc[0-9A-Za-z_-]{50,}")),
    (b"dckr_pat_", "Docker Hub token", re.compile(rb"\bdckr_pat_[0-9A-Za-z_-]{27}\b")),
    (b"hvs.", "Vault token", re.compile(rb"\bhvs\.[0-9A-Za-z_-]{90,}")),
    (b"AGE-SECRET-KEY-1", "age key", re.compile(rb"\bAGE-SECRET-KEY-1[0-9A-Z]{58}\b")),
    (b"sk-ant-", "Anthropic key", re.compile(rb"\bsk-ant-[a-z0-9]+-[0-9A-Za-z_-]{80,}")),
    (b"T3BlbkFJ", "OpenAI key", re.compile(rb"\bsk-[0-9A-Za-z_-]{20,}T3BlbkFJ[0-9A-Za-z_-]{20,}")),
    (b"shpat_", "Shopify token", re.compile(rb"\bshpat_[0-9a-fA-F]{32}\b")),
    (b"dop_v1_", "DigitalOcean token", re.compile(rb"\bdop_v1_[0-9a-f]{64}\b")),
    (b"glsa_", "Grafana token", re.compile(rb"\bglsa_[0-9A-Za-z]{32}_[0-9a-f]{8}\b")),
    (b"AccountKey=", "Azure storage key", re.compile(rb"\bAccountKey=[0-9A-Za-z+/]{86}==")),
)  # fmt: skip
# What stands in documentation: none of these words is in a random token of that length but by design.
_PLACEHOLDER = re.compile(rb"(?i)example|xxxx|0000000|1234567890|abcdefgh|placeholder|your[-_]|dummy|redacted|<[a-z_-]+>")
_TEST = re.compile(
    r"(?i)(?:^|/)(?:tests?|testing|testdata|test[-_][\w-]*|[\w-]*[-_]tests?|spec|specs|mocks?|__mocks__|testutils?|fixtures?|e2e)/"
    r"|(?:^|[/_.-])(?:test|tests|spec|mock|fixture)s?[_.-][^/]*\Z|[_.-](?:test|tests|spec|mock)s?\.\w+\Z|Tests?\.\w+\Z"
)


def is_test(path: str) -> bool:
    """Whether a file is a test by its name or directory: keys in it unlock nothing."""
    return _TEST.search(path) is not None


def credentials(raw: bytes) -> Iterator[tuple[int, str]]:
    """The line and the type of each credential, in the order of the formats. Never the credential."""
    for start, kind, pattern in _FORMATS:
        if start not in raw:
            continue
        for match in pattern.finditer(raw):
            if kind == "private key" or not _PLACEHOLDER.search(match[0]):
                yield raw.count(b"\n", 0, match.start()) + 1, kind
