#pragma once

/* Returns the number of allocations of this process; always 0 where the C library is not glibc. */
unsigned long allocation_count(void);
