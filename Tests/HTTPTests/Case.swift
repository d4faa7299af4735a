import HTTP
import Testing

/// Bytes on a connection and what is to be said of them.
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

    /// A GET with these fields and a good Host.
    static func fields(_ fields: String, _ expected: String...) -> Case {
        Case("GET /a HTTP/1.1↵Host: h↵\(fields)↵↵", expected)
    }

    /// A POST with these fields, a good Host, and these bytes after its head.
    static func post(_ fields: String, then rest: String, _ expected: String...) -> Case {
        Case("POST /p HTTP/1.1↵Host: h↵\(fields)↵↵\(rest)", expected)
    }

    private init(_ input: String, _ expected: [String]) {
        self.input = bytes(input)
        self.expected = expected
        limits = .standard
        testDescription = input
    }

    /// Fed whole, byte by byte, and cut in two at every place (in long inputs at some, and at all near the end), the
    /// same must be said.
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
