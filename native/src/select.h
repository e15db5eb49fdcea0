#ifndef SELECT_H
#define SELECT_H

#include <stdint.h>

typedef int32_t select_function(uint64_t key_hash, const uint64_t *node_hashes, int32_t node_count);

/* emcache_select, by the version that suits this processor and this many nodes. */
select_function select_node;

/* The versions. Each may be called only on a processor that has what its name says. */
select_function select_plain;
#if defined(__x86_64__)
select_function select_avx512, select_avx2;
#endif

#endif
