# attack: lone surrogates and bytes that are no UTF-8, in messages, names and what is printed
# earns: 0
# stopped by: every text is escaped before it is encoded
import sys

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        print("\ud800\udfff")
        sys.stdout.buffer.write(b"\xff\xfe\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\n")
        sys.stdout.flush()
        raise ValueError("\ud800 \udcff \ud83d")
