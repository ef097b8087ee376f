# attack: HTML and scripts in a message, a name and what is printed
# earns: 0
# stopped by: text stays text: whoever makes HTML of it escapes it
from honest import GRU_Cell as Honest

TAGS = "<script>alert(1)</script><img src=x onerror=alert(1)></pre></textarea><!--"


class GRU_Cell(Honest):
    def forward(self, x, h):
        print(TAGS)
        raise type(TAGS, (Exception,), {})(TAGS)
