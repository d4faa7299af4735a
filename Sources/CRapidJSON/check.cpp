#include "hedgehog_json.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace {

// Iterative, so that depth costs heap and not stack; numbers stay text, so that none is rounded.
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                            rapidjson::kParseNumbersAsStringsFlag;

/// Whether decoded text holds a surrogate. RapidJSON 1.1 refuses a high one that stands alone as an escape, but lets a
/// low one through; raw ones are refused as invalid UTF-8 before they get here. In UTF-8 they begin with ED A0..BF.
bool holdsSurrogate(const char *text, size_t length) {
    const char *const end = text + length;
    while ((text = static_cast<const char *>(std::memchr(text, 0xED, end - text)))) {
        if (++text < end && static_cast<unsigned char>(*text) >= 0xA0) return true;
    }
    return false;
}

/// Whether a number that RapidJSON let through is beyond the range of a double after all: with numbers as text it looks
/// at the exponent alone, and takes 9e308. Without an exponent, 308 characters are never too many.
bool isBeyondDouble(const char *text, size_t length) {
    const bool hasExponent = std::memchr(text, 'e', length) || std::memchr(text, 'E', length);
    if (!hasExponent && length <= 308) return false;
    return !std::isfinite(std::strtod(std::string(text, length).c_str(), nullptr));
}

/// Keeps nothing but the nesting depth and what the outermost value is.
struct Judge : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Judge> {
    explicit Judge(unsigned maximum) : maximumDepth(maximum) {}

    bool Default() { return true; }
    bool RawNumber(const char *text, rapidjson::SizeType length, bool) {
        return !(hasNumberTooBig = isBeyondDouble(text, length));
    }
    bool String(const char *text, rapidjson::SizeType length, bool) {
        return !(hasSurrogate = holdsSurrogate(text, length));
    }
    bool Key(const char *text, rapidjson::SizeType length, bool copy) { return String(text, length, copy); }
    bool StartObject() {
        if (depth == 0) rootIsObject = true;
        return deeper();
    }
    bool StartArray() { return deeper(); }
    bool EndObject(rapidjson::SizeType) { return shallower(); }
    bool EndArray(rapidjson::SizeType) { return shallower(); }

    bool deeper() { return ++depth <= maximumDepth; }
    bool shallower() {
        --depth;
        return true;
    }

    unsigned maximumDepth;
    unsigned depth = 0;
    bool rootIsObject = false;
    bool hasSurrogate = false;
    bool hasNumberTooBig = false;
};

}  // namespace

extern "C" hedgehog_json_verdict hedgehog_json_check(
    const char *bytes, size_t length, unsigned maximum_depth, size_t *offset) {
    rapidjson::MemoryStream stream(bytes, length);
    rapidjson::Reader reader;
    Judge judge(maximum_depth);
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, judge);
    *offset = result.IsError() ? result.Offset() : 0;
    switch (result.Code()) {
    case rapidjson::kParseErrorNone:
        // MemoryStream reads as NUL beyond its end, so a NUL inside the text would look like the end.
        if (stream.Tell() < length) {
            *offset = stream.Tell();
            return HEDGEHOG_JSON_SYNTAX;
        }
        return judge.rootIsObject ? HEDGEHOG_JSON_OBJECT : HEDGEHOG_JSON_NOT_AN_OBJECT;
    case rapidjson::kParseErrorTermination:
        if (judge.hasNumberTooBig) return HEDGEHOG_JSON_NUMBER_TOO_BIG;
        return judge.hasSurrogate ? HEDGEHOG_JSON_ENCODING : HEDGEHOG_JSON_TOO_DEEP;
    case rapidjson::kParseErrorNumberTooBig:
        return HEDGEHOG_JSON_NUMBER_TOO_BIG;
    case rapidjson::kParseErrorStringInvalidEncoding:
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
        return HEDGEHOG_JSON_ENCODING;
    default:
        return HEDGEHOG_JSON_SYNTAX;
    }
}
