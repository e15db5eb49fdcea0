#include "select.h"

#include <stddef.h>

#include "murmur3.h"

/* fmix64 is a bijection: equal scores mean equal node hashes, so the rule for ties never has to look further than
   the score. Of several equal nodes every version chooses the first. */

/* Goes on from the best of the nodes before start. Keys are random, so branches on scores are not foreseen by any processor:
   the compiler is to make moves of them, here and below. */
static inline int32_t select_rest(uint64_t key_hash, const uint64_t *node_hashes, int32_t start, int32_t node_count,
                                  int32_t chosen, uint64_t highest) {
    for (int32_t i = start; i < node_count; i++) {
        uint64_t score = murmur3_fmix64(key_hash ^ node_hashes[i]);
        if (score > highest) {
            chosen = i;
            highest = score;
        }
    }
    return chosen;
}

int32_t select_plain(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    return select_rest(key_hash, node_hashes, 1, node_count, 0, murmur3_fmix64(key_hash ^ node_hashes[0]));
}

#if defined(__x86_64__)

enum {
    GROUP = 8,
    BLOCK = 8 * GROUP,
    AVX512_MINIMUM = 8,
    AVX2_MINIMUM = 16
};

#if defined(__clang__)
#define AVX512 "avx512f,avx512dq,avx512vl"
#else
#define AVX512 "avx512f,avx512dq,avx512vl,prefer-vector-width=512"
#endif

/* Turned over so that a signed comparison orders scores: AVX2 has no unsigned one. */
static const uint64_t top_bit = UINT64_C(1) << 63;

/* The inner loops are written for the compiler to vectorise: the scores of a block with their maximum, then the first index
   that has it. Nodes beyond the last whole group are left to select_rest. */
static inline __attribute__((always_inline)) int32_t
select_in_blocks(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    _Alignas(64) int64_t scores[BLOCK];
    int64_t highest = INT64_MIN;
    size_t nodes = (size_t)node_count, grouped = nodes - nodes % GROUP, chosen = 0;
    for (size_t start = 0; start < grouped; start += BLOCK) {
        size_t groups = (grouped - start < BLOCK ? grouped - start : BLOCK) / GROUP;
        const uint64_t *block = node_hashes + start;
        int64_t block_highest = INT64_MIN;
        for (size_t i = 0; i < groups * GROUP; i++) {
            scores[i] = (int64_t)(murmur3_fmix64(key_hash ^ block[i]) ^ top_bit);
            block_highest = scores[i] > block_highest ? scores[i] : block_highest;
        }
        if (block_highest > highest) {
            int64_t first = BLOCK;
            for (size_t i = 0; i < groups * GROUP; i++) {
                int64_t candidate = scores[i] == block_highest ? (int64_t)i : BLOCK;
                first = candidate < first ? candidate : first;
            }
            chosen = start + (size_t)first;
            highest = block_highest;
        }
    }
    return select_rest(key_hash, node_hashes, (int32_t)grouped, node_count, (int32_t)chosen, (uint64_t)highest ^ top_bit);
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
static int32_t many = INT32_MAX;

/* Runs inside dlopen, so before any other thread can see the library. A pointer and not an IFUNC: musl's loader has none. */
__attribute__((constructor)) static void choose_version(void) {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
        select_many = select_avx512;
        many = AVX512_MINIMUM;
    } else if (__builtin_cpu_supports("avx2")) {
        select_many = select_avx2;
        many = AVX2_MINIMUM;
    }
}

int32_t select_node(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    if (node_count < many) {
        return select_plain(key_hash, node_hashes, node_count);
    }
    return select_many(key_hash, node_hashes, node_count);
}

#else

int32_t select_node(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count) {
    return select_plain(key_hash, node_hashes, node_count);
}

#endif
