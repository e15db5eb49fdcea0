#ifndef MURMUR3_H
#define MURMUR3_H

#include <stddef.h>
#include <stdint.h>

/* MurmurHash3 x64_128 by Austin Appleby, public domain. See ORIGIN. */

typedef struct {
    uint64_t h1, h2;
    uint64_t length;
    unsigned char tail[16];
} murmur3_state;

/* The whole hash at once. out[0] and out[1] are the digest's halves as numbers; in memory each is little-endian. */
void murmur3_x64_128(const void *key, size_t length, uint32_t seed, uint64_t out[2]);

/* The same over pieces: begin, add each piece, end. A state may be copied to go on from it more than once. */
void murmur3_begin(murmur3_state *state, uint32_t seed);
void murmur3_add(murmur3_state *state, const void *piece, size_t length);
void murmur3_end(const murmur3_state *state, uint64_t out[2]);

/* The finaliser of 64 bits: a bijection, so different inputs never collide. */
static inline uint64_t murmur3_fmix64(uint64_t k) {
    k = (k ^ k >> 33) * UINT64_C(0xff51afd7ed558ccd);
    k = (k ^ k >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return k ^ k >> 33;
}

#endif
