internal import Base
internal import Cluster

/// A leaf's sums as a batch left them. A journal entry is some of these in a row: table id (8), partition (2),
/// leaf (1), then the sums as a leaf record has them (32).
struct LeafChange: Equatable {
    static let encodedBytes = RowKey.indexPrefixBytes + EntrySums.encodedBytes

    let address: LeafAddress
    let sums: EntrySums

    func append(to bytes: inout [UInt8]) {
        RowKey.appendLeaf(address, to: &bytes)
        sums.append(to: &bytes)
    }

    /// Nil for bytes that are not a whole number of changes.
    static func decode(_ bytes: Span<UInt8>) -> [LeafChange]? {
        guard bytes.count % encodedBytes == 0 else { return nil }
        var changes: [LeafChange] = []
        changes.reserveCapacity(bytes.count / encodedBytes)
        for start in stride(from: 0, to: bytes.count, by: encodedBytes) {
            let middle = start + RowKey.indexPrefixBytes
            guard let address = RowKey.leafAddress(of: bytes.extracting(start..<middle)),
                let sums = EntrySums(record: bytes.extracting(middle..<(start + encodedBytes)))
            else { return nil }
            changes.append(LeafChange(address: address, sums: sums))
        }
        return changes
    }
}
