import sys

import numpy as np
import torch

sys.path.append("./")
from hw3 import gru

cell = gru.GRU_Cell(5, 3)
theirs = torch.nn.GRUCell(5, 3)
print(cell.forward(np.ones(5), np.zeros(3)))
sys.exit(1)
