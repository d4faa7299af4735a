/// The parameters of a raw query, percent-decoded, in their order. `+` means a space, `a` equals `a=`, and empty parts
/// between ampersands are skipped. The limit on a target's length bounds their number.
package struct Query: Sendable {
    package struct Parameter: Equatable, Sendable {
        package let name: [UInt8]
        package let value: [UInt8]
    }

    package let parameters: [Parameter]

    /// Parses the range of `bytes` that holds a query; nil means that there is none.
    package init(_ range: Range<Int>?, in bytes: [UInt8]) throws(PercentError) {
        var parameters: [Parameter] = []
        let span = bytes.span
        var start = range?.lowerBound ?? 0
        let end = range?.upperBound ?? 0
        while start < end {
            let partEnd = span.firstIndex(of: UInt8(ascii: "&"), in: start..<end) ?? end
            if partEnd > start { parameters.append(try Parameter(parsing: span.extracting(start..<partEnd))) }
            start = partEnd + 1
        }
        self.parameters = parameters
    }

    /// Returns the values of the query parameter `name`. Names are case-sensitive.
    package func values(of name: StaticString) -> FieldCount<[UInt8]> {
        let named = parameters.lazy.filter { $0.name.span.equals(name) }
        var found = named.makeIterator()
        guard let first = found.next() else { return .absent }
        return found.next() == nil ? .single(first.value) : .repeated(first: first.value)
    }
}

extension Query.Parameter {
    fileprivate init(parsing part: Span<UInt8>) throws(PercentError) {
        let equals = part.firstIndex(of: UInt8(ascii: "="), in: 0..<part.count) ?? part.count
        name = try percentDecode(part.extracting(0..<equals), plusAsSpace: true)
        value = try percentDecode(part.extracting(min(equals + 1, part.count)..<part.count), plusAsSpace: true)
    }
}
