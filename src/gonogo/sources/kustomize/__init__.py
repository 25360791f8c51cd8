"""Builds kustomizations the way `kubectl kustomize` does, keeping the place of every value."""

from gonogo.sources.kustomize.build import Build, Builder
from gonogo.sources.kustomize.kustomization import Kustomization, read_kustomization

__all__ = ["Build", "Builder", "Kustomization", "read_kustomization"]
