/// Requests the rows of one leaf, over all live tables, as keys and versions without values, in `RowPlace` order.
package struct LeafRequest: Equatable, Sendable {
    package let place: KeyPlace
    /// The row after which the requested page of rows starts; nil to start with the first row of the leaf.
    package var after: RowPlace?
    package var limit: Int

    package init(_ place: KeyPlace, after: RowPlace? = nil, limit: Int) {
        self.place = place
        self.after = after
        self.limit = limit
    }
}

/// One page of a leaf's rows, in `RowPlace` order.
package struct LeafList: Equatable, Sendable {
    package struct Row: Equatable, Sendable {
        package let place: RowPlace
        package let held: HeldVersion

        package init(place: RowPlace, held: HeldVersion) {
            self.place = place
            self.held = held
        }
    }

    package let rows: [Row]
    /// Whether the leaf has more rows after the last one.
    package let hasMore: Bool

    package init(rows: [Row], hasMore: Bool) {
        self.rows = rows
        self.hasMore = hasMore
    }
}
