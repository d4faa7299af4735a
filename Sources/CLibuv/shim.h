#include <uv.h>

/* uv_loop_configure is variadic, and Swift does not import variadic functions. */
static inline int hedgehog_uv_measure_idle_time(uv_loop_t *loop) {
    return uv_loop_configure(loop, UV_METRICS_IDLE_TIME);
}
