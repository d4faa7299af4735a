#include "hedgehog_build.h"

#ifndef HEDGEHOG_REVISION
#define HEDGEHOG_REVISION "unknown"
#endif

const char *hedgehog_build_revision(void) { return HEDGEHOG_REVISION; }
