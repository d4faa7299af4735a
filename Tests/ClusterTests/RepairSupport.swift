@testable import Cluster

func itemKey(_ text: String) -> ItemKey { ItemKey(stored: Array(text.utf8)) }

/// Keys of one leaf, of one partition of sixteen.
func keys(ofLeaf leaf: UInt8, partition: PartitionID = 7, count: Int) -> [ItemKey] {
    var found: [ItemKey] = []
    var number = 0
    while found.count < count {
        let key = itemKey("key-\(number)")
        if KeyPlace(key: key, partitions: 16) == KeyPlace(partition: partition, leaf: leaf) { found.append(key) }
        number += 1
    }
    return found
}

extension HybridTimestamp {
    static let never = HybridTimestamp(rawValue: 0)
}

extension PeerCall.Operation {
    /// In few words, for transcripts.
    var words: String {
        switch self {
        case .version(_, let key): "version of \(text(key))"
        case .get(_, let key): "get \(text(key))"
        case .put(_, let key, let item): "\(item.isTombstone ? "delete" : "put") \(text(key))"
        case .repair(_, let key, let item): "repair \(text(key)) with \(item.isTombstone ? "a tombstone" : "a value")"
        case .readTable, .writeTable: "table"
        case .page, .sums: "scan"
        case .readCatalog: "catalog"
        case .compare: "compare"
        case .leaves(let partitions): "leaves of \(partitions.count == 1 ? "one partition" : "\(partitions.count)")"
        case .list(let request): request.after == nil ? "list" : "list on"
        case .promise: "promise"
        case .purge: "purge"
        }
    }
}

extension PeerAnswer {
    var words: String {
        switch self {
        case .roots(nil): "equal"
        case .roots(let roots?): "\(roots.count) roots"
        case .leaves: "leaves"
        case .rows(let list): "\(list.rows.count) rows\(list.hasMore ? ", and more" : "")"
        case .version(nil, _), .item(nil): "nothing"
        case .version: "a version"
        case .item: "an item"
        case .stored: "stored"
        case .superseded: "superseded"
        case .catalog: "catalog"
        default: explanation
        }
    }
}

private func text(_ key: ItemKey) -> String { String(decoding: key.bytes, as: UTF8.self) }

extension ReplicaGroup {
    /// What was asked and answered, in the order of the answers.
    var transcript: [String] {
        delivered.map { "\($0.message.from)>\($0.message.to) \($0.message.call.operation.words): \($0.answer.words)" }
    }

    /// One node compares itself with another, to the end.
    func compare(_ node: MemberIndex, with peer: MemberIndex, takesAll: Bool = false) -> AntiEntropySession.Outcome? {
        let answer = beginComparing(node, with: peer, takesAll: takesAll)
        settle()
        return answer.value
    }

    func beginComparing(
        _ node: MemberIndex, with peer: MemberIndex, takesAll: Bool = false
    ) -> Answer<AntiEntropySession.Outcome> {
        let answer = Answer<AntiEntropySession.Outcome>()
        let own = nodes[node]
        let exchange = AntiEntropySession(
            with: peer, replica: own.replica, calls: own.calls, dependencies: own.dependencies,
            mode: takesAll ? .restore : .compare(isBusy: { false })
        ) { answer.set($0) }
        exchanges.append(exchange)
        exchange.start()
        return answer
    }

    /// Raises the purge mark of a key's partition to so many milliseconds, led by one node. The problem, if any.
    func purge(upTo milliseconds: UInt64, ledBy node: MemberIndex = 0, of key: ItemKey = ReplicaGroup.key) -> String? {
        let answer = beginPurge(upTo: milliseconds, ledBy: node, of: key)
        settle()
        return answer.value ?? "no end"
    }

    func beginPurge(
        upTo milliseconds: UInt64, ledBy node: MemberIndex = 0, of key: ItemKey = ReplicaGroup.key
    ) -> Answer<String?> {
        let answer = Answer<String?>()
        let round = PurgeRound(
            partition: nodes[0].store.partition(of: key), mark: HybridTimestamp(milliseconds: milliseconds),
            calls: nodes[node].calls, timeoutMilliseconds: 2_000
        ) { answer.set($0) }
        round.start()
        return answer
    }

    func mark(_ node: MemberIndex, of key: ItemKey = ReplicaGroup.key) -> PurgeMark {
        nodes[node].store.mark(of: nodes[node].store.partition(of: key))
    }

    /// What nodes hold of a key, in words, as `values` has it.
    func values(of key: ItemKey) -> [String] {
        nodes.map { node in
            guard let item = node.store.item(Self.table.id, key) else { return "-" }
            return item.isTombstone ? "x" : String(decoding: item.value, as: UTF8.self)
        }
    }
}

extension Coordinator.WriteAnswer {
    var version: Version? {
        if case .done(let version) = self { version } else { nil }
    }
}

/// The first `count` members.
func members(_ count: Int) -> [MemberIndex] { (0..<count).map { MemberIndex($0) } }
