from __future__ import annotations

from pathlib import Path

import pytest

from gonogo.sources.application.discovery import Application, discover
from gonogo.sources.application.python.entrypoints import EntryPoints, entry_points
from gonogo.sources.application.python.index import ModuleIndex
from gonogo.sources.tree import open_tree


def of(root: Path, start: str, files: dict[str, str]) -> EntryPoints:
    for path, text in {"Dockerfile": f"FROM python:3.12\nWORKDIR /srv\nCOPY . .\n{start}\n", "requirements.txt": "", **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    tree = open_tree(root, standalone=True)
    [application] = [a for a in discover(tree) if isinstance(a, Application)]
    return entry_points(tree, application, ModuleIndex(tree, application.directory, [i.context for i in application.images]))


@pytest.mark.parametrize(
    ("start", "files", "path", "attribute", "script"),
    [
        ('CMD ["uvicorn", "app.main:app"]', {"app/main.py": ""}, "app/main.py", "app", False),
        ('CMD ["uvicorn", "shop.main:app", "--app-dir", "src"]', {"src/shop/main.py": ""}, "src/shop/main.py", "app", False),
        ("CMD exec gunicorn --bind :$PORT -k uvicorn.workers.UvicornWorker 'app.main:create_app()'", {"app/main.py": ""}, "app/main.py", "create_app", False),
        ("CMD gunicorn -c python:config.gunicorn config.wsgi", {"config/wsgi.py": "", "config/gunicorn.py": ""}, "config/wsgi.py", "application", False),
        ("CMD poetry run hypercorn app:api", {"app.py": ""}, "app.py", "api", False),
        ("CMD python -u main.py", {"main.py": ""}, "main.py", "", True),
        ("CMD python -m shop", {"shop/__main__.py": ""}, "shop/__main__.py", "", True),
        ("CMD python -m uvicorn main:app", {"main.py": ""}, "main.py", "app", False),
        ("CMD fastapi run", {"app/main.py": ""}, "app/main.py", "app", False),
        ("CMD flask --app shop.web run", {"shop/web.py": ""}, "shop/web.py", "create_app", False),
        ("ENV FLASK_APP=web.py\nCMD flask run", {"web.py": ""}, "web.py", "", False),
        ("CMD uwsgi --ini /srv/uwsgi.ini", {"uwsgi.ini": "[uwsgi]\nmodule = shop.wsgi:application\n", "shop/wsgi.py": ""}, "shop/wsgi.py", "application", False),
        ("CMD shop serve", {"shop/cli.py": "", "pyproject.toml": '[project]\nscripts = {shop = "shop.cli:main"}\n'}, "shop/cli.py", "main", False),
        ("CMD functions-framework --target hello", {"main.py": ""}, "main.py", "hello", False),
        ("CMD python manage.py runserver", {"manage.py": ""}, "manage.py", "", True),
    ],
)
def test_what_a_command_starts(tmp_path: Path, start: str, files: dict[str, str], path: str, attribute: str, script: bool) -> None:
    found = of(tmp_path, start, files)
    assert [(e.path, e.attribute, e.script) for e in found.found] == [(path, attribute, script)]
    assert found.unknown == ()


@pytest.mark.parametrize("start", ["CMD /start", "CMD gunicorn $APP", "CMD python -c 'import main'", "CMD python manage.py migrate", ""])
def test_what_is_not_told_is_unknown(tmp_path: Path, start: str) -> None:
    found = of(tmp_path, start, {"main.py": "", "manage.py": ""})
    assert found.found == ()
    assert len(found.unknown) == 1
