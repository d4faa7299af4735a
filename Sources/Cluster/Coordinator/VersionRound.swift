/// Asks replicas of one key which version they hold, until enough have answered. The first of an operation's two
/// rounds: versions from R replicas include every write that W replicas have acknowledged.
///
/// Asks as few replicas as needed, in order of preference, one more for each that fails, and all the rest when the
/// hedge is due. One replica may be asked for the item itself.
final class VersionRound {
    enum Outcome {
        case answered
        case tableDeleted
        /// Every replica that could be asked was, and too few answered.
        case short(last: String?)
    }

    /// The replicas that answered, each with the version that it holds; nil for a replica that holds nothing.
    private(set) var held: [(member: MemberIndex, version: HeldVersion?)] = []
    /// The item of the replica that was asked for it, once it has answered.
    private(set) var item: StoredItem?
    /// The highest purge promise of the replicas that answered: a write with a version up to it would be rejected.
    private(set) var floor = HybridTimestamp(rawValue: 0)
    private let replicas: ReplicaSet
    private let context: OperationContext
    private let required: Int
    private var unasked: [MemberIndex]
    private var pending = 0
    private var lastFailure: String?
    private var completion: ((Outcome) -> Void)?
    private var asksForItem: Bool

    /// `members` are the replicas that may be asked, in this order, until `required` of them have answered.
    init(
        _ replicas: ReplicaSet, _ context: OperationContext, members: [MemberIndex], required: Int, asksForItem: Bool,
        completion: @escaping (Outcome) -> Void
    ) {
        self.replicas = replicas
        self.context = context
        self.required = required
        self.asksForItem = asksForItem
        self.completion = completion
        unasked = members.reversed()
    }

    var isFinished: Bool { completion == nil }

    /// The greatest version that any replica holds; nil when none holds any.
    var newest: HeldVersion? {
        held.compactMap(\.version).max { ($0.version, $0.checksum) < ($1.version, $1.checksum) }
    }

    func holders(of version: Version) -> [MemberIndex] {
        held.filter { $0.version?.version == version }.map(\.member)
    }

    func start() {
        for _ in 0..<min(required, unasked.count) { askNext() }
        failIfQuorumImpossible()
    }

    /// Asks all replicas that were not asked yet, because one of those asked is slow.
    func hedge() {
        guard !isFinished, !unasked.isEmpty else { return }
        context.note(.hedged)
        while !unasked.isEmpty { askNext() }
    }

    /// Records the item that a replica returned, in this round or to a later read of the same key by the same
    /// operation.
    func note(_ member: MemberIndex, holds item: StoredItem?) {
        note(member, holds: item.map(HeldVersion.init))
        if let item { self.item = item }
    }

    private func note(_ member: MemberIndex, holds version: HeldVersion?) {
        held.removeAll { $0.member == member }
        let isConflict = version.map { new in
            held.contains { $0.version?.version == new.version && $0.version?.checksum != new.checksum }
        }
        if isConflict ?? false {
            context.observer.noted(.versionConflict(table: replicas.table.name.description))
        }
        held.append((member, version))
    }

    private func askNext() {
        guard let member = unasked.popLast() else { return }
        pending += 1
        if asksForItem {
            asksForItem = false
            context.call(member, .get(replicas.table, replicas.key), over: .reads) { self.answered($0, by: member) }
        } else {
            context.call(member, .version(replicas.table, replicas.key), over: .reads) { self.answered($0, by: member) }
        }
    }

    private func answered(_ answer: Result<PeerAnswer, PeerFailure>, by member: MemberIndex) {
        pending -= 1
        switch answer {
        case .success(.version(let version, let floor)):
            self.floor = max(self.floor, floor)
            note(member, holds: version)
        case .success(.item(let item)): note(member, holds: item)
        default: lastFailure = context.explain(answer.failureText, of: member)
        }
        guard !isFinished else { return }
        if answer == .success(.tableDeleted) { return finish(.tableDeleted) }
        if held.count >= required {
            context.note(.versionsKnown(answers: held.count, required: required))
            return finish(.answered)
        }
        if pending + held.count < required { askNext() }
        failIfQuorumImpossible()
    }

    private func failIfQuorumImpossible() {
        guard !isFinished, pending + held.count < required, unasked.isEmpty else { return }
        context.enqueue { self.finish(.short(last: self.lastFailure)) }
    }

    private func finish(_ outcome: Outcome) {
        let completion = completion.take()
        completion?(outcome)
    }
}

extension HeldVersion {
    package init(_ item: StoredItem) {
        self.init(version: item.version, isTombstone: item.isTombstone, checksum: item.checksum)
    }
}
