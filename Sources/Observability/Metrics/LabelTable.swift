/// The values of one metric label: an enum without associated values, whose raw values are written on the page.
///
/// An enum of any module can conform, so the module that counts needs no copy of the enum of the module that decides.
package protocol LabelValue: CaseIterable, RawRepresentable, Sendable where RawValue == String {}

extension LabelValue {
    /// The position of this case in `allCases`, without a search: it is the number by which the case is stored.
    /// `LabelTable` and a test check that for each enum.
    @inlinable @inline(__always)
    package var ordinal: Int { Int(unsafe unsafeBitCast(self, to: UInt8.self)) }
}

/// One element for each value of a label, such as the counter of each result. A look-up neither searches nor hashes.
package struct LabelTable<Label: LabelValue, Element: Sendable>: Sendable {
    @usableFromInline let elements: [Element]

    /// Calls `make` once for each value of the label, in order.
    package init(_ make: (Label) -> Element) {
        let labels = Array(Label.allCases)
        let isOrdered = labels.indices.allSatisfy { labels[$0].ordinal == $0 }
        precondition(isOrdered, "the cases of \(Label.self) are not stored in the order of allCases")
        elements = labels.map(make)
    }

    @inlinable
    package subscript(label: Label) -> Element { elements[label.ordinal] }
}

/// The result of an operation that either succeeds or fails, as a label.
package enum SuccessLabel: String, LabelValue {
    case success, failure

    package init(_ succeeded: Bool) { self = succeeded ? .success : .failure }
}
