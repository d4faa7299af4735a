import Testing

@testable import Cluster

private enum ScanBoundSamples {
    static let envelope = Envelope(
        clusterID: ClusterID(high: 1, low: 2), recordHash: 3, sender: "a", target: "b",
        storeID: StoreID(high: 4, low: 5),
        bootNonce: 6)

    static let longest = [UInt8](repeating: 0x6B, count: ItemKey.maximumBytes)

    /// Keys just below, at and just above the longest possible key. They show whether a scan bound that was shortened
    /// to this length still selects the same keys.
    static let keys: [ItemKey] = {
        let below = longest.dropLast() + [0x6A]
        let above = longest.dropLast() + [0x6C]
        let keys: [[UInt8]] = [
            [0x61], [0x6B], longest.dropLast(), longest.dropLast(2), longest, Array(below), Array(above), [0x7A],
        ]
        return keys.map { ItemKey(stored: Array($0)) }
    }()

    static let bounds: [[UInt8]] = [
        longest, longest + [0], longest + [0, 0], longest + [0x6B], longest + [UInt8](repeating: 0xFF, count: 70_000),
        Array(longest.dropLast()) + [0x6A, 0xFF, 0xFF, 0xFF], Array(longest.dropLast()) + [0x6C, 0, 0, 0],
        [UInt8](repeating: 0x61, count: 100_000), [UInt8](repeating: 0xFF, count: 5_000),
    ]
}

/// The bounds of a scan, which clients choose, may be longer than any key. A message shortens them to a bound that
/// selects the same keys.
@Suite struct ScanBoundTests {
    private func arrived(_ request: PageRequest) throws -> PageRequest? {
        let call = PeerCall(.page(request), remainingMilliseconds: 1, trace: .none)
        let decoded = try CallBatch(decoding: CallBatch(ScanBoundSamples.envelope, calls: [call]).encoded)
        guard case .page(let request) = decoded.calls[0].operation else { return nil }
        return request
    }

    private func expectSameRange(_ request: PageRequest) throws {
        let range = KeyRange(of: request)
        let farRange = KeyRange(of: try #require(try arrived(request)))
        for key in ScanBoundSamples.keys {
            #expect(farRange.contains(key) == range.contains(key), "a key of \(key.bytes.count) bytes")
        }
    }

    @Test("A bound longer than any key selects the same keys after it was sent", arguments: 0..<9)
    func bounds(index: Int) throws {
        for field in [\PageRequest.start, \.end, \.after] {
            for reverse in [false, true] {
                var request = PageRequest(table: ReplicaGroup.table)
                request.reverse = reverse
                request[keyPath: field] = ScanBoundSamples.bounds[index]
                try expectSameRange(request)
            }
        }
    }

    @Test("A prefix longer than any key selects no key after it was sent", arguments: 0..<9)
    func prefixes(index: Int) throws {
        var request = PageRequest(table: ReplicaGroup.table)
        request.prefix = ScanBoundSamples.bounds[index]
        try expectSameRange(request)
    }

    @Test("A bound as long as the longest key, and its successor, arrive unchanged")
    func exact() throws {
        var request = PageRequest(table: ReplicaGroup.table)
        request.start = ScanBoundSamples.longest
        request.end = ScanBoundSamples.longest + [0]
        #expect(try arrived(request) == request)
    }
}
