"""One small module a section of the page; each turns the story into HTML through a template of its own."""
