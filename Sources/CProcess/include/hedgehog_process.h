#pragma once

/* The number of command-line arguments of this process, the name of the program included. */
int hedgehog_argument_count(void);

/* The argument with this index, from 0 to the count - 1. It is never freed. */
const char *hedgehog_argument(int index);
