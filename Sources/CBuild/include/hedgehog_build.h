#pragma once

/* The commit that this program was built from, as scripts/build found it; "unknown" in other builds. */
const char *hedgehog_build_revision(void);
