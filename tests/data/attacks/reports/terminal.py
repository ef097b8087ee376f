# attack: codes that a terminal obeys: clear, title, link, clipboard, in messages and in what is printed
# earns: 0
# stopped by: what does not print becomes an escape
import sys

from honest import GRU_Cell as Honest

CODES = "\x1b[2J\x1b[H\x1b]0;owned\x07\x1b]8;;http://example.org\x1b\\100\x1b]8;;\x1b\\\x1b]52;c;QUFB\x07\x9b31m\x90q\b\b\b"


class GRU_Cell(Honest):
    def forward(self, x, h):
        print(CODES, flush=True)
        print(CODES, file=sys.stderr, flush=True)
        raise type(CODES, (Exception,), {})(CODES)
