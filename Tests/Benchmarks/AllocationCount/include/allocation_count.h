#pragma once

/* How often this process has asked for memory; 0 for ever where the C library is not glibc. */
unsigned long allocation_count(void);
