import HTTP
import Testing

/// Bytes on a connection and the events that the parser must return for them.
struct Case: Sendable, CustomTestStringConvertible {
    let input: [UInt8]
    let expected: [String]
    let limits: HTTPLimits
    let testDescription: String

    init(_ input: String, _ expected: String..., limits: HTTPLimits = .standard) {
        self.input = bytes(input)
        self.expected = expected
        self.limits = limits
        testDescription = input.count > 100 ? "\(input.prefix(60)) ... \(input.suffix(30))" : input
    }

    /// A parser case: a GET request with the given header fields and a valid Host, and the events expected for it.
    static func fields(_ fields: String, _ expected: String...) -> Case {
        Case("GET /a HTTP/1.1↵Host: h↵\(fields)↵↵", expected)
    }

    /// A parser case: a POST request with the given header fields, a valid Host and the given bytes after its head, and
    /// the events expected for it.
    static func post(_ fields: String, then rest: String, _ expected: String...) -> Case {
        Case("POST /p HTTP/1.1↵Host: h↵\(fields)↵↵\(rest)", expected)
    }

    private init(_ input: String, _ expected: [String]) {
        self.input = bytes(input)
        self.expected = expected
        limits = .standard
        testDescription = input
    }

    /// Expects the same events when the input is fed at once, byte by byte, and cut in two at every offset. Long inputs
    /// are cut at some offsets, and at all of them near the end.
    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let whole = transcript(of: input, limits: limits)
        #expect(whole == expected, sourceLocation: sourceLocation)
        let bytewise = transcript(of: input, cutAt: Array(input.indices), limits: limits)
        #expect(bytewise == whole, "byte by byte", sourceLocation: sourceLocation)
        for cut in input.indices where input.count <= 600 || cut % 997 == 0 || cut > input.count - 8 {
            let parts = transcript(of: input, cutAt: [cut], limits: limits)
            #expect(parts == whole, "cut at \(cut)", sourceLocation: sourceLocation)
        }
    }
}
