"""A whole class: many hand-ins in, a journal, reports, and gradebooks out."""
