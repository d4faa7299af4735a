#include "hedgehog_json.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>

#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace {

// RapidJSON parses without recursion, so nested text takes heap and not stack. Numbers stay text, so none is rounded.
constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag |
                            rapidjson::kParseNumbersAsStringsFlag;

/// Whether decoded text contains a surrogate. RapidJSON 1.1 rejects an escaped high surrogate without a low one but
/// accepts a lone low one. Unescaped surrogates are rejected earlier as invalid UTF-8. In UTF-8, surrogates begin with
/// ED A0..BF.
bool holdsSurrogate(const char *text, size_t length) {
    const char *const end = text + length;
    while ((text = static_cast<const char *>(std::memchr(text, 0xED, end - text)))) {
        if (++text < end && static_cast<unsigned char>(*text) >= 0xA0) return true;
    }
    return false;
}

/// Whether a number that RapidJSON accepted is beyond the range of a double. When numbers stay text, RapidJSON checks
/// the exponent alone and so accepts 9e308. A number of up to 308 characters without an exponent is always in range.
bool isBeyondDouble(const char *text, size_t length) {
    const bool hasExponent = std::memchr(text, 'e', length) || std::memchr(text, 'E', length);
    if (!hasExponent && length <= 308) return false;
    return !std::isfinite(std::strtod(std::string(text, length).c_str(), nullptr));
}

/// Receives RapidJSON's events and keeps only the nesting depth, the kind of the outermost value, and the reason for a
/// rejection.
struct Checker : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Checker> {
    explicit Checker(unsigned maximum) : maximumDepth(maximum) {}

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
    Checker checker(maximum_depth);
    const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, checker);
    *offset = result.IsError() ? result.Offset() : 0;
    switch (result.Code()) {
    case rapidjson::kParseErrorNone:
        // RapidJSON takes a NUL for the end of the text, so a NUL inside it would hide what follows.
        if (stream.Tell() < length) {
            *offset = stream.Tell();
            return HEDGEHOG_JSON_SYNTAX;
        }
        return checker.rootIsObject ? HEDGEHOG_JSON_OBJECT : HEDGEHOG_JSON_NOT_AN_OBJECT;
    case rapidjson::kParseErrorTermination:
        if (checker.hasNumberTooBig) return HEDGEHOG_JSON_NUMBER_TOO_BIG;
        return checker.hasSurrogate ? HEDGEHOG_JSON_ENCODING : HEDGEHOG_JSON_TOO_DEEP;
    case rapidjson::kParseErrorNumberTooBig:
        return HEDGEHOG_JSON_NUMBER_TOO_BIG;
    case rapidjson::kParseErrorStringInvalidEncoding:
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
        return HEDGEHOG_JSON_ENCODING;
    default:
        return HEDGEHOG_JSON_SYNTAX;
    }
}
