"""What the readers of JavaScript, TypeScript and Go share: syntax trees, symbolic values, and the search for libraries' calls."""
