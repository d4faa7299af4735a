#include "hedgehog_process.h"

static int given_count = 0;
static char *const *given = 0;

/* The C libraries of Linux (glibc) and of macOS pass the arguments of `main` to every constructor of a program. */
__attribute__((constructor)) static void keep_arguments(int count, char **arguments, char **environment) {
    (void)environment;
    given_count = count;
    given = arguments;
}

int hedgehog_argument_count(void) { return given_count; }

const char *hedgehog_argument(int index) { return given[index]; }
