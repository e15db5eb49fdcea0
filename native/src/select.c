#include "select.h"

#include <stddef.h>

#include "murmur3.h"

/* fmix64 is a bijection: equal scores mean equal node hashes, so the rule for ties never has to look further than
   the score. Of several equal nodes every version chooses the first. */

int32_t select_plain(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    int32_t chosen = 0;
    uint64_t highest = murmur3_fmix64(key_hash ^ node_hashes[0]);
    for (int32_t i = 1; i < node_count; i++) {
        uint64_t score = murmur3_fmix64(key_hash ^ node_hashes[i]);
        if (score > highest) {
            chosen = i;
            highest = score;
        }
    }
    return chosen;
}

#if defined(__x86_64__)

/* BLOCK by measurement: longer blocks cost more in the search, shorter ones in mispredicted branches. */
enum {
    BLOCK = 16,
    VECTOR_MINIMUM = 8
};

#if defined(__clang__)
#define AVX512 "avx512f,avx512dq,avx512vl"
#else
#define AVX512 "avx512f,avx512dq,avx512vl,prefer-vector-width=512"
#endif

/* The first inner loop is written for the compiler to vectorise: it has no branch and no early end. */
static inline __attribute__((always_inline)) int32_t
select_in_blocks(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    _Alignas(64) uint64_t scores[BLOCK];
    uint64_t highest = 0;
    size_t nodes = (size_t)node_count, chosen = 0;
    for (size_t start = 0; start < nodes; start += BLOCK) {
        size_t count = nodes - start < BLOCK ? nodes - start : BLOCK;
        const uint64_t *block = node_hashes + start;
        uint64_t block_highest = 0;
        for (size_t i = 0; i < count; i++) {
            uint64_t score = murmur3_fmix64(key_hash ^ block[i]);
            scores[i] = score;
            block_highest = score > block_highest ? score : block_highest;
        }
        if (block_highest > highest) {
            size_t first = 0;
            while (scores[first] != block_highest)
                first++;
            chosen = start + first;
            highest = block_highest;
        }
    }
    return (int32_t)chosen;
}

__attribute__((target(AVX512))) int32_t
select_avx512(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    return select_in_blocks(key_hash, node_hashes, node_count);
}

__attribute__((target("avx2"))) int32_t
select_avx2(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    return select_in_blocks(key_hash, node_hashes, node_count);
}

static select_function *select_many = select_plain;

/* Runs inside dlopen, so before any other thread can see the library. A pointer and not an IFUNC: musl's loader has none. */
__attribute__((constructor)) static void choose_version(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        select_many = select_avx512;
    } else if (__builtin_cpu_supports("avx2")) {
        select_many = select_avx2;
    }
}

int32_t select_node(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    if (node_count < VECTOR_MINIMUM) {
        return select_plain(key_hash, node_hashes, node_count);
    }
    return select_many(key_hash, node_hashes, node_count);
}

#else

int32_t select_node(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    return select_plain(key_hash, node_hashes, node_count);
}

#endif
