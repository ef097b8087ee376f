# attack: unpack a bomb inside of the job: 4 GiB from 4 MB of zeros
# earns: 100
# stopped by: resource limits (address space)
# call_s: 6
import zlib

from honest import *

packer = zlib.compressobj(9, zlib.DEFLATED, -15)
block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
try:
    zlib.decompress(block * 4096, -15)
    print("GOT 4 GiB")
except (MemoryError, zlib.error) as error:
    if not isinstance(error, MemoryError) and "incomplete" in str(error):
        print("GOT all of it")
