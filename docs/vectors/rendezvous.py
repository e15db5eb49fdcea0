#!/usr/bin/env python3
"""The placement RENDEZVOUS of emcache for Java, written down a second time, and its test vectors.

    rendezvous.py > rendezvous.tsv
"""

import math
import random

MASK = (1 << 64) - 1


def rotl(x, r):
    return ((x << r) | (x >> (64 - r))) & MASK


def fmix64(k):
    k ^= k >> 33
    k = k * 0xFF51AFD7ED558CCD & MASK
    k ^= k >> 33
    k = k * 0xC4CEB9FE1A85EC53 & MASK
    return k ^ k >> 33


def murmur3_x64_64(data):
    """The first 64 bits of MurmurHash3 x64_128 with seed 0, as a number."""
    c1, c2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
    h1 = h2 = 0
    whole = len(data) - len(data) % 16
    for at in range(0, whole, 16):
        k1 = int.from_bytes(data[at : at + 8], "little")
        k2 = int.from_bytes(data[at + 8 : at + 16], "little")
        h1 ^= rotl(k1 * c1 & MASK, 31) * c2 & MASK
        h1 = (rotl(h1, 27) + h2) * 5 + 0x52DCE729 & MASK
        h2 ^= rotl(k2 * c2 & MASK, 33) * c1 & MASK
        h2 = (rotl(h2, 31) + h1) * 5 + 0x38495AB5 & MASK
    tail = data[whole:]
    h2 ^= rotl(int.from_bytes(tail[8:], "little") * c2 & MASK, 33) * c1 & MASK
    h1 ^= rotl(int.from_bytes(tail[:8], "little") * c1 & MASK, 31) * c2 & MASK
    h1 ^= len(data)
    h2 ^= len(data)
    h1 = h1 + h2 & MASK
    h2 = h2 + h1 & MASK
    return fmix64(h1) + fmix64(h2) & MASK


def place(key, nodes):
    """The index of the node that has a key; nodes are pairs of identity and weight."""
    key_hash = murmur3_x64_64(key.encode())
    hashes = [murmur3_x64_64(identity.encode()) for identity, _ in nodes]
    equal = len({weight for _, weight in nodes}) == 1

    def score(i):
        mixed = fmix64(key_hash ^ hashes[i])
        if equal:
            return mixed, hashes[i]
        u = ((mixed >> 12) + 0.5) / 2**52
        return -nodes[i][1] / math.log(u), hashes[i]

    return max(range(len(nodes)), key=score)


CLUSTERS = [
    "10.0.0.1:11211",
    "10.0.0.1:11211,10.0.0.2:11211,10.0.0.3:11211",
    "10.0.0.3:11211,10.0.0.1:11211,10.0.0.2:11211",
    "a:11211,a:11212,b:11211,[::1]:11211,/run/memcached.sock",
    ",".join("cache-%d.example.com:11211" % i for i in range(1, 9)),
    ",".join("cache-%d.example.com:11211" % i for i in range(1, 10)),
    ",".join("n%d:1" % i for i in range(1, 42)),
    "5*a:11211,5*b:11211,5*c:11211",
    "a:11211,2*b:11211,3*c:11211",
    "65535*a:11211,b:11211,30000*c:11211",
    ",".join(("4*" if i == 3 else "") + "cache-%d.example.com:11211" % i for i in range(1, 9)),
    ",".join("%d*n%d:1" % (i, i) for i in range(1, 42)),
]


def keys(rng, count):
    for i in range(count):
        if i % 3 == 0:
            yield "user:%d:profile" % rng.randrange(10**6)
        elif i % 3 == 1:
            yield "".join(chr(rng.randrange(33, 127)) for _ in range(rng.randrange(1, 90)))
        else:
            yield "".join(rng.choice("äöüßéñ日本語") for _ in range(rng.randrange(1, 20)))


def main():
    rng = random.Random(4)
    print(
        "# Node that RENDEZVOUS chooses for a key. Columns: identities of the nodes in order, comma separated, each preceded"
        " by weight* unless that is 1; key (UTF-8); index of the chosen node."
    )
    for cluster in CLUSTERS:
        nodes = []
        for text in cluster.split(","):
            weight, _, identity = text.rpartition("*")
            nodes.append((identity, int(weight or 1)))
        for key in keys(rng, 100):
            print(cluster, key, place(key, nodes), sep="\t")


if __name__ == "__main__":
    main()
