from .activation import *
