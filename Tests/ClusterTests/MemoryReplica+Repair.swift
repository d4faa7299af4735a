import Base

@testable import Cluster

// What a replica in memory holds of trees, marks and hints: worked out anew at every look, so that it cannot lag.

extension MemoryReplica {
    func partition(of key: ItemKey) -> Int { Int(KeyPlace(key: key, partitions: partitions).partition) }

    private func digests<Slot: Hashable>(_ slot: (KeyPlace) -> Slot) -> [Slot: UInt64] {
        var digests: [Slot: UInt64] = [:]
        for (place, item) in state.items {
            var bytes: [UInt8] = []
            bytes.appendBigEndian(place.table.rawValue)
            bytes += place.key.bytes
            item.version.append(to: &bytes)
            bytes.appendBigEndian(item.checksum)
            digests[slot(KeyPlace(key: place.key, partitions: partitions)), default: 0] ^= xxh3(bytes)
        }
        return digests
    }

    var roots: [UInt64] {
        let digests = digests { Int($0.partition) }
        return (0..<partitions).map { digests[$0] ?? 0 }
    }

    func leaves(of partition: Int) -> [UInt64] {
        let digests = digests { $0 }
        return (0..<KeyPlace.leavesPerPartition).map { leaf in
            digests[KeyPlace(partition: UInt16(partition), leaf: UInt8(leaf))] ?? 0
        }
    }

    func tombstones(of partition: Int) -> UInt64 {
        UInt64(state.items.count { $0.value.isTombstone && self.partition(of: $0.key.key) == partition })
    }

    func list(_ request: LeafRequest, completion: @escaping (Result<LeafList, StoreError>) -> Void) {
        read(completion) { [self] in
            let rows = state.items.filter { place, _ in
                KeyPlace(key: place.key, partitions: partitions) == request.place
                    && (request.after.map { place > $0 } ?? true)
            }.sorted { $0.key < $1.key }.map { LeafList.Row(place: $0.key, held: HeldVersion($0.value)) }
            return LeafList(rows: Array(rows.prefix(request.limit)), hasMore: rows.count > request.limit)
        }
    }
}

// Purge.
extension MemoryReplica {
    func mark(of partition: Int) -> PurgeMark { state.marks[partition] ?? PurgeMark() }

    func submit(promise: HybridTimestamp, partition: Int, completion: @escaping (WriteResult) -> Void) {
        highestClock = max(highestClock, promise)
        change(completion) { replica in
            let held = replica.mark(of: partition)
            replica.state.marks[partition] = PurgeMark(promised: max(held.promised, promise), purged: held.purged)
            return .committed
        }
    }

    func submit(_ purge: Purge, completion: @escaping (WriteResult) -> Void) {
        highestClock = max(highestClock, purge.mark)
        change(completion) { replica in
            let held = replica.mark(of: Int(purge.partition))
            let purged = max(held.purged, purge.mark)
            replica.state.marks[Int(purge.partition)] = PurgeMark(
                promised: max(held.promised, purged), purged: purged)
            for row in purge.rows {
                let place = RowPlace(table: row.table, key: row.key)
                if replica.state.items[place]?.version == row.version { replica.state.items[place] = nil }
            }
            return .committed
        }
    }
}

// Hints.
extension MemoryReplica {
    var hintTotals: [Int: HintTotals] { state.hintTotals }

    func submit(_ hint: Hint, completion: @escaping (WriteResult) -> Void) {
        change(completion) { replica in
            let address = HintAddress(target: hint.target, place: hint.place)
            let held = replica.state.hints[address]
            if let held, held.write.item.version >= hint.write.item.version {
                return .superseded(by: held.write.item.version)
            }
            let bytes = replica.hintTotals.values.reduce(0) { $0 + $1.pendingBytes } - UInt64(held?.weightBytes ?? 0)
            guard bytes + UInt64(hint.weightBytes) <= replica.hintBudgetBytes else { return .refused(.hintBudget) }
            replica.state.hints[address] = hint
            replica.state.hintTotals[hint.target, default: HintTotals()].store(hint, replacing: held)
            return .committed
        }
    }

    func settle(_ hints: [HintSettlement], completion: @escaping (WriteResult) -> Void) {
        change(completion) { replica in
            for settlement in hints {
                let address = HintAddress(target: settlement.target, place: settlement.place)
                guard let held = replica.state.hints[address], settlement.applies(to: held) else { continue }
                replica.state.hints[address] = nil
                replica.state.hintTotals[settlement.target, default: HintTotals()].remove(held, settlement.fate)
            }
            return .committed
        }
    }

    func hints(
        of target: Int, after: RowPlace?, limit: Int, maximumBytes: Int,
        completion: @escaping (Result<[Hint], StoreError>) -> Void
    ) {
        read(completion) { [self] in
            let behind = state.hints.filter { address, _ in
                address.target == target && (after.map { address.place > $0 } ?? true)
            }
            return behind.values.sorted { $0.place < $1.place }.prefix(limit).map(\.self)
        }
    }
}
