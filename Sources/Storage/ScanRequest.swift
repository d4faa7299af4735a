package import Cluster

/// Which rows of a table to walk, and how far. Bounds are bytes, not keys: a prefix may end within a character.
package struct ScanRequest: Sendable {
    package let table: TableID
    /// Keys from here on, this one included.
    package var start: [UInt8]?
    /// Keys below this one.
    package var end: [UInt8]?
    package var prefix: [UInt8] = []
    /// Where the previous page ended: only keys behind it in the direction of the walk.
    package var after: [UInt8]?
    package var reverse = false
    /// Entries on the page. The store's own bounds hold if these are larger.
    package var limit = 1000
    /// Keys and values on the page; one entry is given even if it is larger.
    package var maximumBytes = 1 << 20
    /// Rows looked at, those that are left out included, so that a page may be empty and still have `next`.
    package var maximumRowsVisited = 10_000
    package var keysOnly = false
    package var includesTombstones = false

    package init(table: TableID) {
        self.table = table
    }
}

extension ScanRequest {
    /// The rows of `items` that qualify, `lower` inclusive and `upper` exclusive.
    var rowBounds: (lower: [UInt8], upper: [UInt8]) {
        let table = RowKey.range(of: self.table)
        // Keys are UTF-8, which has no byte FF: it closes the range of a prefix.
        var lower = larger(table.lower, RowKey.item(self.table, prefix))
        var upper = smaller(table.upper, RowKey.item(self.table, prefix + [0xFF]))
        if let start { lower = larger(lower, RowKey.item(self.table, start)) }
        if let end { upper = smaller(upper, RowKey.item(self.table, end)) }
        if let after, reverse { upper = smaller(upper, RowKey.item(self.table, after)) }
        if let after, !reverse { lower = larger(lower, RowKey.item(self.table, after + [0])) }
        return (lower, upper)
    }

    private func larger(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        left.lexicographicallyPrecedes(right) ? right : left
    }

    private func smaller(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        left.lexicographicallyPrecedes(right) ? left : right
    }
}
