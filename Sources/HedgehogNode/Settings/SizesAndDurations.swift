// Parses sizes and durations with units, such as 64MiB and 3h. Only whole numbers are allowed, so nothing is rounded.

struct ByteSize: Equatable {
    static let allowed = "a size such as 65536, 64KiB, 64MiB or 1GiB"
    let bytes: Int

    init?(_ text: String) {
        let units: [(String, Int)] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1), ("", 1)]
        guard let bytes = parseQuantity(text, units: units) else { return nil }
        self.bytes = bytes
    }
}

struct ParsedDuration: Equatable {
    static let allowed = "a duration such as 500ms, 10s, 5m, 3h or 2d"
    let milliseconds: UInt64

    init?(_ text: String) {
        let units: [(String, Int)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]
        guard let milliseconds = parseQuantity(text, units: units) else { return nil }
        self.milliseconds = UInt64(milliseconds)
    }
}

/// Parses a quantity such as `64MiB`: digits followed by one of `units`. Returns the number times the factor of its
/// unit, or nil if the text is not such a quantity or the product overflows. If one suffix ends with another (`MiB`
/// with `B`), the longer one must come first in `units`.
private func parseQuantity(_ text: String, units: [(suffix: String, factor: Int)]) -> Int? {
    guard let unit = units.first(where: { text.hasSuffix($0.suffix) }) else { return nil }
    let digits = text.dropLast(unit.suffix.count)
    guard digits.allSatisfy({ ("0"..."9").contains($0) }), let number = Int(digits) else { return nil }
    let (product, overflow) = number.multipliedReportingOverflow(by: unit.factor)
    return overflow ? nil : product
}
