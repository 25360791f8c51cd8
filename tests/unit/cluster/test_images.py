"""What an image reference of a pod pins."""

from __future__ import annotations

import pytest

from gonogo.cluster.images import pin_of
from gonogo.model.value import Unknown
from gonogo.sources.manifests.placeholders import has_placeholder

SHA = "sha256:" + "0123456789abcdef" * 4


def told(image: object, replaced: str = "") -> tuple[object, ...]:
    """Tag, digest, pinned; `?` for what is not known."""
    pin = pin_of(image, has_placeholder, lambda name: "skaffold.yaml" if name == replaced else "")  # type: ignore[arg-type]
    return tuple("?" if isinstance(part, Unknown) else part for part in (pin.tag, pin.digest, pin.pinned))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("nginx", (None, False, False)),
        ("nginx:latest", ("latest", False, False)),
        ("nginx:1.27", ("1.27", False, True)),
        ("nginx:", ("", False, False)),
        ("localhost:5000/nginx", (None, False, False)),
        ("localhost:5000/nginx:1.27", ("1.27", False, True)),
        ("registry.example.com:5000/a/b/c:latest", ("latest", False, False)),
        (f"nginx@{SHA}", (None, True, True)),
        (f"nginx:latest@{SHA}", ("latest", True, True)),
        (f"localhost:5000/nginx@{SHA}", (None, True, True)),
        ("nginx@${DIGEST}", (None, True, True)),
        ("nginx@sha256:abc", (None, "?", "?")),
        ("nginx:${TAG}", ("?", "?", "?")),
        ("nginx:1.27-${BUILD}", ("?", "?", "?")),
        ("${IMAGE}", ("?", "?", "?")),
        ("${IMAGE}:1.27", ("1.27", False, True)),
        ("${REGISTRY}/nginx", (None, False, False)),
        ("${REGISTRY}/nginx:latest", ("latest", False, False)),
        ("nginx:${TAG:-a/b}", ("?", "?", "?")),
        ("${IMAGE:-a/b:latest}", ("?", "?", "?")),
        ("{{ .Values.image.repository }}:{{ .Values.image.tag }}", ("?", "?", "?")),
        ("gcr.io/PROJECT_ID/web:TAG", ("?", "?", "?")),
        ("gcr.io/PROJECT_ID/IMAGE", ("?", "?", "?")),
        ("__IMAGE__", ("?", "?", "?")),
        ("<your-image>", ("?", "?", "?")),
        ("%IMAGE%", ("?", "?", "?")),
        ("ko://github.com/acme/web/cmd/web", ("?", "?", "?")),
        ("auto", ("?", "?", "?")),
        ("", ("?", "?", "?")),
        (None, ("?", "?", "?")),
        (7, ("?", "?", "?")),
        (Unknown.because("it is not known"), ("?", "?", "?")),
    ],
)
def test_a_reference_pins_by_its_digest_or_its_tag(image: object, expected: tuple[object, ...]) -> None:
    assert told(image) == expected


def test_what_a_tool_replaces_is_not_known_but_for_what_it_may_keep() -> None:
    assert told("web", replaced="web") == (None, "?", "?")
    assert told("web:latest", replaced="web") == ("latest", "?", "?")
    assert told("web:1.4.2", replaced="web") == ("1.4.2", "?", True)
    assert told("web", replaced="api") == (None, False, False)
