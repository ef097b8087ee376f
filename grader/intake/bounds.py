"""How large a hand-in may be. Real ones hold kilobytes; with a whole repository around them, megabytes.

Those with the weights of four language models hold 74 MiB, and 19 in one file.
"""

MIB = 1 << 20

ARCHIVE_BYTES = 96 * MIB
"""The archive or file as it was handed in, compressed or not."""

UNPACKED_BYTES = 96 * MIB
"""All that comes out of it: a decompressed tar with its headers, or the contents of all files."""

FILE_BYTES = 24 * MIB
"""One file inside."""

NOTEBOOK_BYTES = 24 * MIB
"""A Jupyter notebook, most of which is pictures; of its code no more is graded than of any other file."""

NOTEBOOK_CODE_BYTES = MIB
"""The code in it."""

NOTEBOOK_VALUES = 2_000_000
"""Commas and opening brackets in it, and so the values that its JSON can have."""

NOTEBOOKS = 50
"""Notebooks in one hand-in that are read."""

CELLS = 5_000
"""Cells of a notebook."""

MEMBERS = 10_000
"""Files, folders and links, litter not counted."""

HEADERS = 100_000
"""Entries of any kind, litter included: what an archive or a folder may list before we stop reading."""

STREAMS = 2_000
"""Compressed streams one after the other in one archive; parallel compressors write one per 64 KiB."""

DEPTH = 32
"""Folders inside each other, the file included."""

NAME_BYTES = 255
"""One component of a path, in UTF-8: what Linux and macOS allow."""

PATH_BYTES = 1024
"""A whole path, in UTF-8."""

EXTENDED_HEADERS_BYTES = 4 * MIB
"""What a tar may say about its members outside of their headers: long names, extended attributes."""

LZMA_MEMORY_BYTES = 80 * MIB
"""What an xz stream may ask of its decoder; `xz -9` asks for 65 MiB."""

LINK_NOTICES = 20
"""Links that are named one by one before the rest is only counted."""

NAMES_SHOWN = 5
"""Names that a message lists before it counts the rest."""
