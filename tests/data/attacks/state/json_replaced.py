# attack: replace json, so that what is sent is a text of one's own
# earns: 0
# stopped by: the strict parser of frames
# says: answered with bytes that are no answer
import json

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        json.dumps = lambda *_, **__: '{"scores": {"GRU Cell Forward": 30, "GRU Cell Backward": 70}}'
        return h
