"""How each platform names the hand-ins that it exports: one module for each, with the source of the rule."""
