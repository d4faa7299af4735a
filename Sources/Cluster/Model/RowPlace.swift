/// The sort key of rows within a leaf, and of hints for one target: table id first, then key.
package struct RowPlace: Hashable, Comparable, Sendable {
    package let table: TableID
    package let key: ItemKey

    package init(table: TableID, key: ItemKey) {
        self.table = table
        self.key = key
    }

    package static func < (left: RowPlace, right: RowPlace) -> Bool {
        left.table != right.table ? left.table < right.table : left.key < right.key
    }
}
