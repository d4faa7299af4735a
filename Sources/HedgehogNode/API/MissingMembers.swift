internal import Cluster

/// A member that takes part in no quorum now, with the reason. Errors name these members, because the coordinator sends
/// nothing to members that are known to be dead and so has no failure of theirs to report.
struct MissingMember {
    let nodeID: NodeID
    let reason: String
}

extension ClusterNode {
    /// The members that are not alive or do not vote, whether or not they hold the item of a request.
    var missingMembers: [MissingMember] {
        members.compactMap { member in
            guard member.isRecovering || !member.isSelf && member.state != .alive else { return nil }
            return MissingMember(nodeID: member.nodeID, reason: "\(member.word), \(member.silence)")
        }
    }
}

extension MemberStatus {
    fileprivate var silence: String {
        if isRecovering && state != .dead { return "does not vote until it is in sync" }
        guard let silentMilliseconds else { return "no answer since this node started" }
        if silentMilliseconds < 1_000 { return "no answer for \(silentMilliseconds) ms" }
        return "no answer for \(silentMilliseconds / 1_000) s"
    }
}

extension [MissingMember] {
    /// At most this many missing members are listed by name in an error sentence; the sentence gives the number of the
    /// others.
    private static var named: Int { 8 }

    /// The causes of an error, in brackets: `last`, the last failure of a request to a replica, and the missing members
    /// that it does not name. Empty if nothing is known.
    func causes(last: String?) -> String {
        var last = last
        var missing = self
        // If the last failure is only that a member is dead, it is dropped: the list of missing members has an entry
        // for that member that says more.
        if missing.contains(where: { last == "\($0.nodeID): dead" }) { last = nil }
        if let last { missing.removeAll { last.hasPrefix("\($0.nodeID): ") } }
        var causes = [last].compactMap(\.self) + missing.prefix(Self.named).map { "\($0.nodeID): \($0.reason)" }
        if missing.count > Self.named { causes.append("\(missing.count - Self.named) more members") }
        return causes.isEmpty ? "" : " (\(causes.joined(separator: "; ")))"
    }
}
