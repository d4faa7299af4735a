#include "allocation_count.h"
#include <stdlib.h>

/* These functions replace those of the C library in the whole program, including the Swift runtime. */

#ifdef __GLIBC__
#include <stdatomic.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

static atomic_ulong count;

void *malloc(size_t size) {
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
    atomic_fetch_add_explicit(&count, 1, memory_order_relaxed);
    return __libc_realloc(old, size);
}

unsigned long allocation_count(void) { return atomic_load(&count); }
#else
unsigned long allocation_count(void) { return 0; }
#endif
