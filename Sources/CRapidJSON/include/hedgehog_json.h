#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The result of hedgehog_json_check. The values are defined here, so that RapidJSON's codes stay inside this target.
typedef enum {
    HEDGEHOG_JSON_OBJECT = 0,           ///< one valid JSON object with nothing but white space around it
    HEDGEHOG_JSON_NOT_AN_OBJECT = 1,    ///< valid JSON, but an array, string, number, boolean or null
    HEDGEHOG_JSON_SYNTAX = 2,           ///< not JSON
    HEDGEHOG_JSON_ENCODING = 3,         ///< invalid UTF-8, or a \u escape that is half a surrogate pair
    HEDGEHOG_JSON_NUMBER_TOO_BIG = 4,   ///< a number beyond the range of a double
    HEDGEHOG_JSON_TOO_DEEP = 5,         ///< nested deeper than maximum_depth
} hedgehog_json_verdict;

/// Checks whether `length` bytes are one JSON object, in one pass, without recursion and without building a document.
/// On any result but HEDGEHOG_JSON_OBJECT, `*offset` is the offset of the byte at which the error was found. May be
/// called on any thread.
hedgehog_json_verdict hedgehog_json_check(
    const char *bytes, size_t length, unsigned maximum_depth, size_t *offset);

#ifdef __cplusplus
}
#endif
