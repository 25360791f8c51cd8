FROM python:3.11-slim-bookworm AS build
WORKDIR /src
RUN python -m venv /opt/gonogo
# What it depends on changes less often than what it is. The extras are all that the commands can use.
COPY pyproject.toml constraints.txt ./
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; print(*p['dependencies'], *(r for e in p['optional-dependencies'].values() for r in e), sep='\n')" > requirements.txt \
    && /opt/gonogo/bin/pip install --no-cache-dir --constraint constraints.txt --requirement requirements.txt
COPY README.md LICENSE ./
COPY rules ./rules
COPY schemas ./schemas
COPY src ./src
RUN /opt/gonogo/bin/pip install --no-cache-dir --no-deps .

# gonogo: ignore[dockerfile-healthcheck] -- a command that ends; nothing listens that could be asked
FROM python:3.11-slim-bookworm
COPY --from=build /opt/gonogo /opt/gonogo
ENV PATH=/opt/gonogo/bin:$PATH PYTHONDONTWRITEBYTECODE=1
USER 65532:65532
WORKDIR /repository
ENTRYPOINT ["gonogo"]
CMD ["scan", "."]
