#pragma GCC visibility push(default)
#include "emcache.h"
#pragma GCC visibility pop

#include "murmur3.h"
#include "select.h"

int32_t emcache_abi_version(void) { return EMCACHE_ABI_VERSION; }

uint64_t emcache_hash64(const void *key, size_t length, uint32_t seed) {
    uint64_t digest[2];
    murmur3_x64_128(key, length, seed, digest);
    return digest[0];
}

void emcache_hash128(const void *key, size_t length, uint32_t seed, uint64_t *out) {
    murmur3_x64_128(key, length, seed, out);
}

int32_t emcache_select(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    return select_node(key_hash, node_hashes, node_count);
}

int32_t emcache_route(const void *key, size_t length, const uint64_t *node_hashes, int32_t node_count) {
    return select_node(emcache_hash64(key, length, 0), node_hashes, node_count);
}

void emcache_route_many(const void *keys, const int32_t *offsets, int32_t key_count,
                        const uint64_t *node_hashes, int32_t node_count, int32_t *chosen) {
    const unsigned char *all = keys;
    for (int32_t i = 0; i < key_count; i++) {
        size_t length = (size_t)(offsets[i + 1] - offsets[i]);
        chosen[i] = emcache_route(all + offsets[i], length, node_hashes, node_count);
    }
}

/* As emcache computes it: of bytes 1 to 3 only the sign is left. */
static uint32_t python_score(const murmur3_state *state) {
    uint64_t digest[2];
    murmur3_end(state, digest);
    uint32_t b0 = (uint32_t)(int8_t)digest[0];
    uint32_t b1 = (uint32_t)(int8_t)(digest[0] >> 8);
    uint32_t b2 = (uint32_t)(int8_t)(digest[0] >> 16);
    uint32_t b3 = (uint32_t)(int8_t)(digest[0] >> 24);
    return (b3 & 0xff000000) | (b2 & 0xffff0000) | (b1 & 0xffffff00) | b0;
}

static uint32_t score_with_node(const murmur3_state *before, const unsigned char *node_ids,
                                const int32_t *offsets, int32_t node) {
    murmur3_state state = *before;
    murmur3_add(&state, node_ids + offsets[node], (size_t)(offsets[node + 1] - offsets[node]));
    return python_score(&state);
}

int32_t emcache_route_python(const void *key, size_t length, const void *node_ids,
                             const int32_t *offsets, int32_t node_count) {
    murmur3_state empty, after_key;
    murmur3_begin(&empty, 0);
    after_key = empty;
    murmur3_add(&after_key, key, length);
    int32_t chosen = 0;
    uint32_t highest = score_with_node(&after_key, node_ids, offsets, 0);
    for (int32_t i = 1; i < node_count; i++) {
        uint32_t score = score_with_node(&after_key, node_ids, offsets, i);
        if (score > highest
            || (score == highest
                && score_with_node(&empty, node_ids, offsets, i) > score_with_node(&empty, node_ids, offsets, chosen))) {
            chosen = i;
            highest = score;
        }
    }
    return chosen;
}
