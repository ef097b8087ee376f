# attack: return objects that are equal to whatever they are compared with
# earns: 10
# stopped by: what is no array of numbers is no answer
class Agrees(float):
    def __eq__(self, other):
        return True

    __le__ = __lt__ = __ge__ = __gt__ = __eq__

    def __sub__(self, other):
        return 0.0

    __rsub__ = __abs__ = __sub__

    def __getitem__(self, key):
        return self

    def __iter__(self):
        return iter([self] * 4)


def anything(*arguments):
    return Agrees(0)


dW_xz = dW_hz = dW_xg = dW_hg = dW_xr = dW_hr = anything
