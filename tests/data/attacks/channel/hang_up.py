# attack: close the channel and live on
# earns: 30
# stopped by: a closed channel ends the job
# says: closed the connection that carries its answers
import os
import time

from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def backward(self, delta):
        os.close(3)
        time.sleep(100)
