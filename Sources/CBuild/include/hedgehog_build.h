#pragma once

/* The commit from which scripts/build built this program; "unknown" in other builds. */
const char *hedgehog_build_revision(void);
