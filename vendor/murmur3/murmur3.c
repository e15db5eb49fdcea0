#include "murmur3.h"

enum { BLOCK = 16 };

static const uint64_t c1 = UINT64_C(0x87c37b91114253d5);
static const uint64_t c2 = UINT64_C(0x4cf5ad432745937f);

static inline uint64_t rotate(uint64_t x, int bits) { return x << bits | x >> (64 - bits); }

static inline uint64_t scramble1(uint64_t k) { return rotate(k * c1, 31) * c2; }

static inline uint64_t scramble2(uint64_t k) { return rotate(k * c2, 33) * c1; }

/* Up to 8 bytes as a little-endian number. */
static inline uint64_t load_partial(const unsigned char *p, size_t bytes) {
    uint64_t value = 0;
    while (bytes > 0)
        value = value << 8 | p[--bytes];
    return value;
}

static inline uint64_t load(const unsigned char *p) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint64_t value;
    __builtin_memcpy(&value, p, sizeof value);
    return value;
#else
    return load_partial(p, 8);
#endif
}

static inline const unsigned char *mix_blocks(uint64_t *h1, uint64_t *h2, const unsigned char *p, size_t blocks) {
    uint64_t a = *h1, b = *h2;
    for (; blocks > 0; blocks--, p += BLOCK) {
        a ^= scramble1(load(p));
        a = (rotate(a, 27) + b) * 5 + 0x52dce729;
        b ^= scramble2(load(p + 8));
        b = (rotate(b, 31) + a) * 5 + 0x38495ab5;
    }
    *h1 = a;
    *h2 = b;
    return p;
}

/* bytes < BLOCK. A short tail is the common case of keys, so it is loaded in two overlapping words where it can be. */
static inline void mix_tail(uint64_t *h1, uint64_t *h2, const unsigned char *p, size_t bytes) {
    if (bytes > 8) {
        *h2 ^= scramble2(load(p + bytes - 8) >> (BLOCK - bytes) * 8);
        *h1 ^= scramble1(load(p));
    } else if (bytes == 8) {
        *h1 ^= scramble1(load(p));
    } else if (bytes > 0) {
        *h1 ^= scramble1(load_partial(p, bytes));
    }
}

static inline void finish(uint64_t h1, uint64_t h2, uint64_t length, uint64_t out[2]) {
    h1 ^= length;
    h2 ^= length;
    h1 += h2;
    h2 += h1;
    h1 = murmur3_fmix64(h1);
    h2 = murmur3_fmix64(h2);
    h1 += h2;
    out[0] = h1;
    out[1] = h2 + h1;
}

void murmur3_x64_128(const void *key, size_t length, uint32_t seed, uint64_t out[2]) {
    uint64_t h1 = seed, h2 = seed;
    const unsigned char *tail = mix_blocks(&h1, &h2, key, length / BLOCK);
    mix_tail(&h1, &h2, tail, length % BLOCK);
    finish(h1, h2, length, out);
}

void murmur3_begin(murmur3_state *state, uint32_t seed) {
    *state = (murmur3_state){.h1 = seed, .h2 = seed};
}

void murmur3_add(murmur3_state *state, const void *piece, size_t length) {
    const unsigned char *p = piece;
    size_t held = state->length % BLOCK;
    state->length += length;
    while (held > 0 && length > 0) {
        state->tail[held++] = *p++;
        length--;
        if (held == BLOCK) {
            mix_blocks(&state->h1, &state->h2, state->tail, 1);
            held = 0;
        }
    }
    p = mix_blocks(&state->h1, &state->h2, p, length / BLOCK);
    for (length %= BLOCK; length > 0; length--)
        state->tail[held++] = *p++;
}

void murmur3_end(const murmur3_state *state, uint64_t out[2]) {
    uint64_t h1 = state->h1, h2 = state->h2;
    mix_tail(&h1, &h2, state->tail, state->length % BLOCK);
    finish(h1, h2, state->length, out);
}
