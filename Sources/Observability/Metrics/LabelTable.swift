/// The values of one metric label, as an enum without associated values. Its raw values are written on the metrics
/// page.
///
/// An enum of any module can conform. The module that makes a decision describes it by an enum, and the module that
/// counts the decisions needs no copy of that enum.
package protocol LabelValue: CaseIterable, RawRepresentable, Sendable where RawValue == String {}

extension LabelValue {
    /// The index of this enum case in `allCases`, found without a search: it equals the byte by which Swift stores the
    /// case. `LabelTable` and a test check that for each enum.
    @inlinable @inline(__always)
    package var ordinal: Int { Int(unsafe unsafeBitCast(self, to: UInt8.self)) }
}

/// A table with one element for each value of a metric label, such as the counter of each result. A look-up neither
/// searches nor hashes.
package struct LabelTable<Label: LabelValue, Element: Sendable>: Sendable {
    @usableFromInline let elements: [Element]

    /// Creates the table: calls `make` once for each value of the label, in the order of `allCases`, and stores the
    /// results.
    package init(_ make: (Label) -> Element) {
        let labels = Array(Label.allCases)
        let isOrdered = labels.indices.allSatisfy { labels[$0].ordinal == $0 }
        precondition(isOrdered, "the cases of \(Label.self) are not stored in the order of allCases")
        elements = labels.map(make)
    }

    @inlinable
    package subscript(label: Label) -> Element { elements[label.ordinal] }
}

/// The `result` label of operations that either succeed or fail.
package enum SuccessLabel: String, LabelValue {
    case success, failure

    package init(_ succeeded: Bool) { self = succeeded ? .success : .failure }
}
