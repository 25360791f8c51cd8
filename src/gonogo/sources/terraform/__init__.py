"""Terraform as Terraform understands it: syntax, expressions, modules. What a resource means is said in `kinds`."""
