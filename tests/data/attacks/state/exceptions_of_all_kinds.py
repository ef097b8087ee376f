# attack: GeneratorExit, groups of exceptions, chains that lead back to their start, StopIteration
# earns: 0
# stopped by: the guard around every call
from honest import GRU_Cell as Honest


class GRU_Cell(Honest):
    def forward(self, x, h):
        first, second = GeneratorExit("a"), StopIteration("b")
        first.__cause__, second.__context__ = second, first
        second.__cause__ = first
        group = BaseExceptionGroup("many", [first] * 10_000)
        for _ in range(50):
            group = BaseExceptionGroup("deep", [group])
        group.add_note("::error::" * 100_000)
        raise group from first

    def backward(self, delta):
        raise StopIteration
