internal import CRapidJSON

/// Checks that a body is one JSON object. A valid body is stored byte for byte, so large integers and unusual escapes
/// are returned as they were sent.
///
/// Rules where JSON leaves a choice: the text must be valid UTF-8. A `\u` escape that is half of a surrogate pair is
/// refused. A number must be in the range of a double, and all its digits are kept; an exponent above 308 is refused
/// even if the digits before it bring the number back into that range. Objects and arrays nest at most `maximumDepth`
/// deep. Repeated names are allowed, and all are kept.
enum JSONObject {
    static let maximumDepth = 512

    enum Problem: Error, Equatable {
        case empty
        case notAnObject
        case syntax(offset: Int)
        case encoding(offset: Int)
        case numberTooBig(offset: Int)
        case tooDeep(offset: Int)
    }

    /// Returns `bytes` without the white space around the JSON object. Throws if they are not one valid JSON object.
    static func check(_ bytes: [UInt8]) throws(Problem) -> [UInt8] {
        guard let first = bytes.firstIndex(where: isContent), let last = bytes.lastIndex(where: isContent) else {
            throw .empty
        }
        var offset = 0
        let verdict = bytes.withUnsafeBytes { buffer in
            hedgehog_json_check(
                buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count, UInt32(maximumDepth), &offset)
        }
        switch verdict {
        case HEDGEHOG_JSON_OBJECT: break
        case HEDGEHOG_JSON_NOT_AN_OBJECT: throw .notAnObject
        case HEDGEHOG_JSON_ENCODING: throw .encoding(offset: offset)
        case HEDGEHOG_JSON_NUMBER_TOO_BIG: throw .numberTooBig(offset: offset)
        case HEDGEHOG_JSON_TOO_DEEP: throw .tooDeep(offset: offset)
        default: throw .syntax(offset: offset)
        }
        let isWhole = first == bytes.startIndex && last == bytes.endIndex - 1
        return isWhole ? bytes : Array(bytes[first...last])
    }

    private static func isContent(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): false
        default: true
        }
    }
}

extension JSONObject.Problem {
    var explanation: String {
        switch self {
        case .empty: "the body is empty; a JSON object is required"
        case .notAnObject: "the body is JSON but not an object; {...} is required"
        case .syntax(let offset): "the body is not valid JSON at byte \(offset); one JSON object is required"
        case .encoding(let offset):
            "the body has invalid UTF-8, or an escape that is half of a surrogate pair, at byte \(offset)"
        case .numberTooBig(let offset):
            "the number at byte \(offset) is outside the range of a double; send it as a string"
        case .tooDeep(let offset):
            "objects and arrays are nested deeper than the \(JSONObject.maximumDepth) levels allowed, at byte \(offset)"
        }
    }
}
