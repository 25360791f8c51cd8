"""Kubernetes manifests as a tree deploys them: plain files and OpenShift templates, and kustomizations."""

from gonogo.sources.kubernetes.source import KubernetesSource

__all__ = ["KubernetesSource"]
