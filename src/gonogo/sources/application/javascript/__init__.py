"""Applications in JavaScript and TypeScript."""
