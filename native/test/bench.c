/* Nanoseconds per selection, best of many short runs, for each version that this processor has. No key comes twice, or the
   processor would learn which node wins. */
#include <stdio.h>
#include <time.h>

#include "murmur3.h"
#include "select.h"

enum {
    NODES = 1000,
    RUNS = 200
};

static uint64_t nodes[NODES];
static uint64_t key_hash;

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void time_version(const char *name, select_function *version, int32_t count) {
    double best = 1e18;
    volatile int32_t sink;
    for (int run = 0; run < RUNS; run++) {
        int calls = 200000 / (count + 20);
        double start = now_ns();
        for (int i = 0; i < calls; i++)
            sink = version(key_hash += UINT64_C(0x9e3779b97f4a7c15), nodes, count);
        double each = (now_ns() - start) / calls;
        best = each < best ? each : best;
    }
    (void)sink;
    printf("  %s %.1f", name, best);
}

int main(void) {
    static const int32_t counts[] = {1, 8, 12, 16, 64, NODES};
    for (uint64_t i = 0; i < NODES; i++)
        nodes[i] = murmur3_fmix64(i + 1);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        printf("%4d nodes:", (int)counts[i]);
        time_version("chosen", select_node, counts[i]);
        time_version("plain", select_plain, counts[i]);
#if defined(__x86_64__)
        if (__builtin_cpu_supports("avx2"))
            time_version("avx2", select_avx2, counts[i]);
        if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
            time_version("avx512", select_avx512, counts[i]);
#endif
        puts("");
    }
    return 0;
}
