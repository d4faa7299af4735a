import Observability
import Testing

@Suite struct AccessLogTests {
    @Test("Policies are parsed, and any other text is refused with the allowed values", arguments: [
        ("all", .all), ("errors", .errors), ("off", .off), ("sampled:0.01", .sampled(share: 0.01)),
        ("sampled:0", .sampled(share: 0)), ("sampled:1", .sampled(share: 1)), ("sampled:.5", .sampled(share: 0.5)),
        ("", nil), ("ALL", nil), ("on", nil), ("sampled", nil), ("sampled:", nil), ("sampled:.", nil),
        ("sampled:1.01", nil), ("sampled:-0.1", nil), ("sampled:nan", nil), ("sampled:0x1p-1", nil),
        ("sampled:1e-3", nil), ("sampled:0.1 ", nil), ("sampled:0.1.2", nil), ("sampled:50%", nil),
    ] as [(String, AccessLog?)])
    func parsing(text: String, expected: AccessLog?) throws {
        guard let expected else {
            #expect(throws: SettingError.unknownAccessLog(text)) { try AccessLog(parsing: text) }
            return
        }
        #expect(try AccessLog(parsing: text) == expected)
    }

    @Test("Failures and slow requests are always logged unless the log is off", arguments: [
        (200, 1, false, "all"), (404, 1, false, "all"), (304, 100, false, "all"),
        (400, 1, false, "all errors sampled"), (413, 1, false, "all errors sampled"),
        (500, 1, false, "all errors sampled"), (503, 1, false, "all errors sampled"),
        (200, 101, false, "all errors sampled"), (404, 101, false, "all errors sampled"),
        (200, 1, true, "all errors sampled"),
    ] as [(Int, UInt64, Bool, String)])
    func decisions(status: Int, duration: UInt64, wasCut: Bool, logged: String) {
        let policies: [(String, AccessLog)] = [
            ("all", .all), ("errors", .errors), ("off", .off), ("sampled", .sampled(share: 0)),
        ]
        let outcome = AccessLog.Outcome(status: status, durationNanoseconds: duration, wasCut: wasCut)
        var generator = SystemRandomNumberGenerator()
        let admitting = policies.filter { $0.1.admits(outcome, slowNanoseconds: 100, using: &generator) }
        #expect(admitting.map(\.0).joined(separator: " ") == logged)
    }

    @Test("A sample has the configured share", arguments: [0, 0.01, 0.5, 1])
    func share(asked: Double) {
        var seed = RequestIdentityTests.Counting()
        var generator = IdentifierGenerator(seededBy: &seed)
        let outcome = AccessLog.Outcome(status: 200, durationNanoseconds: 1, wasCut: false)
        let count = (0..<10_000).count { _ in
            AccessLog.sampled(share: asked).admits(outcome, slowNanoseconds: 100, using: &generator)
        }
        #expect(abs(Double(count) / 10_000 - asked) < 0.02)
        if asked == 0 || asked == 1 { #expect(Double(count) / 10_000 == asked) }
    }

    @Test("Levels and formats are parsed in upper or lower case; any other text is refused with the allowed values")
    func settings() throws {
        #expect(try LogLevel(parsing: "WARNING") == .warn)
        #expect(try LogLevel.allCases == ["debug", "Info", "warn", "ERROR"].map(LogLevel.init(parsing:)))
        #expect(LogLevel.debug < .info && LogLevel.info < .warn && LogLevel.warn < .error)
        #expect(try [LogFormat.text, .json] == ["text", "JSON"].map(LogFormat.init(parsing:)))
        let error = #expect(throws: SettingError.self) { try LogLevel(parsing: "loud\n") }
        #expect(error?.description == #""loud\n" is not one of debug, info, warn, error"#)
        #expect(throws: SettingError.unknownLogFormat("logfmt")) { try LogFormat(parsing: "logfmt") }
    }
}
