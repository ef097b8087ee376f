# attack: walk from backward to the adapter and the job, for the truth and for the channel
# earns: 100
# stopped by: the truth is in another process
# with: frames.py
from honest import RNN as Honest
from frames import look_upwards


class RNN(Honest):
    def backward(self, y):
        look_upwards()
        return super().backward(y)
