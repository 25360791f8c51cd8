"""Kubernetes objects: opened out of documents, understood, and turned into resources. Shared by all readers that yield them."""

from gonogo.sources.manifests.resources import resources_from_documents

__all__ = ["resources_from_documents"]
