# attack: walk from backward to the adapter and the job, for the truth and for the channel
# earns: 100
# stopped by: the truth is in another process
# with: frames.py
from honest import LSTMCell as Honest
from frames import look_upwards


class LSTMCell(Honest):
    def backward(self, dh, dc):
        look_upwards()
        return super().backward(dh, dc)
