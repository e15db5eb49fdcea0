/* check MURMUR3_TSV PLACEMENT_TSV: the library's functions against the vectors, and the selection's versions against each other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emcache.h"
#include "murmur3.h"
#include "select.h"

enum {
    LINE = 65536,
    NODES = 200
};

static char line[LINE];
static int failures;

static void expect(int condition, const char *what, long where) {
    if (!condition) {
        fprintf(stderr, "%s, at %ld\n", what, where);
        failures++;
    }
}

static FILE *open_or_exit(const char *path) {
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(2);
    }
    return file;
}

static void check_hashes(const char *path) {
    FILE *file = open_or_exit(path);
    long number = 0, checked = 0;
    while (fgets(line, LINE, file) != NULL) {
        number++;
        if (line[0] == '#')
            continue;
        char *hex = strchr(line, '\t') + 1;
        size_t length = strcspn(hex, "\t") / 2;
        char *digest = strrchr(line, '\t') + 1;
        uint32_t seed = (uint32_t)strtoul(line, NULL, 10);
        unsigned char key[LINE];
        unsigned byte;
        for (size_t i = 0; i < length; i++) {
            sscanf(hex + 2 * i, "%2x", &byte);
            key[i] = (unsigned char)byte;
        }
        uint64_t out[2];
        char text[33];
        emcache_hash128(key, length, seed, out);
        for (unsigned i = 0; i < 16; i++)
            sprintf(text + 2 * i, "%02x", (unsigned)(out[i / 8] >> i % 8 * 8 & 0xff));
        expect(strncmp(text, digest, 32) == 0, "hash128", number);
        expect(emcache_hash64(key, length, seed) == out[0], "hash64", number);
        for (size_t cut = 0; cut <= length; cut++) {
            murmur3_state state;
            uint64_t pieces[2];
            murmur3_begin(&state, seed);
            murmur3_add(&state, key, cut);
            murmur3_add(&state, key + cut, length - cut);
            murmur3_end(&state, pieces);
            expect(pieces[0] == out[0] && pieces[1] == out[1], "hash in pieces", number);
        }
        checked++;
    }
    fclose(file);
    expect(checked > 0, "no vectors", 0);
    printf("%ld hashes\n", checked);
}

static void check_placement(const char *path) {
    FILE *file = open_or_exit(path);
    long number = 0, checked = 0;
    while (fgets(line, LINE, file) != NULL) {
        number++;
        if (line[0] == '#')
            continue;
        char *key = strchr(line, '\t') + 1;
        char *index = strrchr(line, '\t') + 1;
        char ids[LINE];
        int32_t offsets[NODES + 1] = {0};
        int32_t nodes = 0, end = 0;
        for (const char *p = line; p < key; p++) {
            if (*p == ',' || *p == '\t') {
                offsets[++nodes] = end;
            } else {
                ids[end++] = *p;
            }
        }
        int32_t chosen = emcache_route_python(key, (size_t)(index - 1 - key), ids, offsets, nodes);
        expect(chosen == atoi(index), "placement", number);
        checked++;
    }
    fclose(file);
    expect(checked > 0, "no placements", 0);
    printf("%ld placements\n", checked);
}

static void check_versions(void) {
    uint64_t nodes[NODES];
    for (uint64_t i = 0; i < NODES; i++)
        nodes[i] = murmur3_fmix64(i / 3 + 1);
    for (uint64_t key = 0; key < 2000; key++) {
        for (int32_t count = 1; count <= NODES; count++) {
            uint64_t hash = murmur3_fmix64(key ^ UINT64_C(0x9e3779b97f4a7c15));
            int32_t plain = select_plain(hash, nodes, count);
            expect(emcache_select(hash, nodes, count) == plain, "select", count);
#if defined(__x86_64__)
            if (__builtin_cpu_supports("avx2"))
                expect(select_avx2(hash, nodes, count) == plain, "select_avx2", count);
            if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
                expect(select_avx512(hash, nodes, count) == plain, "select_avx512", count);
#endif
        }
    }
    puts("selections agree");
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: check MURMUR3_TSV PLACEMENT_TSV\n");
        return 2;
    }
    check_hashes(argv[1]);
    check_placement(argv[2]);
    check_versions();
    return failures > 0;
}
