# attack: an exception that lies about its class, name, message, traceback and attributes
# earns: 0
# stopped by: the guard around the description of an exception
import sys

from honest import GRU_Cell as Honest


class Meta(type):
    @property
    def __name__(cls):
        raise SystemExit(0)

    def __instancecheck__(cls, instance):
        return True

    def __getattribute__(cls, name):
        return type.__getattribute__(cls, name)


class Hostile(BaseException, metaclass=Meta):
    def __str__(self):
        sys.exit(0)

    def __getattribute__(self, name):
        raise Hostile

    __repr__ = __format__ = __eq__ = __bool__ = __len__ = __str__
    __hash__ = None


class GRU_Cell(Honest):
    def forward(self, x, h):
        raise Hostile
