"""One small module a figure; each turns the story into a picture."""
