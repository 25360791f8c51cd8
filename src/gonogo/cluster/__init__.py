"""What Kubernetes makes of objects together: who may talk to whom, who may do what, how far a pod is confined. Nothing here knows a file."""
