/// Asks replicas of one key which version they hold, until enough have said so. The first of an operation's two rounds:
/// versions from R replicas meet every write that W have acknowledged.
///
/// It asks as few as are needed, in the order of preference, one more for each that fails, and the rest when the hedge
/// comes. One replica may be asked for the item itself.
final class VersionRound {
    enum Result {
        case answered
        case tableDeleted
        /// All that can be asked have been, and too few answered.
        case short(last: String?)
    }

    /// What one replica holds; nil for nothing.
    private(set) var held: [(member: Int, version: HeldVersion?)] = []
    /// Of the replica that was asked for more than its version, once it has come.
    private(set) var item: StoredItem?
    /// What is not above this would be refused.
    private(set) var floor = HybridTimestamp(rawValue: 0)
    private let key: KeyOnReplicas
    private let required: Int
    private var unasked: [Int]
    private var pending = 0
    private var lastFailure: String?
    private var completion: ((Result) -> Void)?
    private var asksForItem: Bool

    /// `members` in the order in which they are to be asked.
    init(
        _ key: KeyOnReplicas, members: [Int], required: Int, asksForItem: Bool,
        completion: @escaping (Result) -> Void
    ) {
        self.key = key
        self.required = required
        self.asksForItem = asksForItem
        self.completion = completion
        unasked = members.reversed()
    }

    var isFinished: Bool { completion == nil }

    /// The greatest version that any replica named; nil when all hold nothing.
    var newest: HeldVersion? {
        held.compactMap(\.version).max { ($0.version, $0.checksum) < ($1.version, $1.checksum) }
    }

    func holders(of version: Version) -> [Int] {
        held.filter { $0.version?.version == version }.map(\.member)
    }

    func start() {
        for _ in 0..<min(required, unasked.count) { askNext() }
        failIfHopeless()
    }

    /// Asks everyone who has not been asked: somebody is slow.
    func hedge() {
        guard !isFinished, !unasked.isEmpty else { return }
        key.note(.hedged)
        while !unasked.isEmpty { askNext() }
    }

    /// What a replica said, in this round or after it.
    func note(_ member: Int, holds item: StoredItem?) {
        note(member, holds: item.map(HeldVersion.init))
        if let item { self.item = item }
    }

    private func note(_ member: Int, holds version: HeldVersion?) {
        held.removeAll { $0.member == member }
        let isConflict = version.map { new in
            held.contains { $0.version?.version == new.version && $0.version?.checksum != new.checksum }
        }
        if isConflict ?? false {
            key.coordinator.observer.noted(.versionConflict(table: key.table.name.description))
        }
        held.append((member, version))
    }

    private func askNext() {
        guard let member = unasked.popLast() else { return }
        pending += 1
        if asksForItem {
            asksForItem = false
            key.call(member, .get(key.table, key.key), over: .reads) { self.answered($0, by: member) }
        } else {
            key.call(member, .version(key.table, key.key), over: .reads) { self.answered($0, by: member) }
        }
    }

    private func answered(_ answer: Swift.Result<PeerAnswer, PeerFailure>, by member: Int) {
        pending -= 1
        switch answer {
        case .success(.version(let version, let floor)):
            self.floor = max(self.floor, floor)
            note(member, holds: version)
        case .success(.item(let item)): note(member, holds: item)
        case .success(let other): lastFailure = key.say(other.explanation, of: member)
        case .failure(let failure): lastFailure = key.say(failure.description, of: member)
        }
        guard !isFinished else { return }
        if answer == .success(.tableDeleted) { return finish(.tableDeleted) }
        if held.count >= required {
            key.note(.versionsKnown(answers: held.count, required: required))
            return finish(.answered)
        }
        if pending + held.count < required { askNext() }
        failIfHopeless()
    }

    private func failIfHopeless() {
        guard !isFinished, pending + held.count < required, unasked.isEmpty else { return }
        key.enqueue { self.finish(.short(last: self.lastFailure)) }
    }

    private func finish(_ result: Result) {
        let completion = completion.take()
        completion?(result)
    }
}

extension HeldVersion {
    package init(_ item: StoredItem) {
        self.init(version: item.version, isTombstone: item.isTombstone, checksum: item.checksum)
    }
}
