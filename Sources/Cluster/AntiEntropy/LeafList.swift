/// Asks for what a leaf holds, of all live tables, without values: in the order of `RowPlace`.
package struct LeafRequest: Equatable, Sendable {
    package let place: KeyPlace
    /// Rows behind this one.
    package var after: RowPlace?
    package var limit: Int

    package init(_ place: KeyPlace, after: RowPlace? = nil, limit: Int) {
        self.place = place
        self.after = after
        self.limit = limit
    }
}

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
    /// Whether there is more behind the last of them.
    package let hasMore: Bool

    package init(rows: [Row], hasMore: Bool) {
        self.rows = rows
        self.hasMore = hasMore
    }
}
