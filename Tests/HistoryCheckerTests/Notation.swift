import HistoryChecker

/// Parses a history with one operation per line, `called-returned kind`. The kind is `put a`, `delete`, `read a` or
/// `read -` for no item. The prefix `eventual` makes an operation eventual; without it the operation is strong. The
/// suffix `?` stands for the outcome unknown and `!` for not applied. A `-` in place of `returned` means that no answer
/// came.
func history(_ text: String) -> KeyHistory {
    let lines = text.split(separator: "\n").filter { !$0.allSatisfy { $0 == " " } }
    return KeyHistory(key: "k", operations: lines.enumerated().map { operation(String($1), client: $0) })
}

private func operation(_ line: String, client: Int) -> HistoryOperation {
    var words = line.split(separator: " ").map(String.init)
    let times = words.removeFirst().split(separator: "-", omittingEmptySubsequences: false)
    var outcome = HistoryOperation.Outcome.done
    if words.last == "?" { outcome = .unknown }
    if words.last == "!" { outcome = .notApplied }
    if outcome != .done { words.removeLast() }
    let isEventual = words.first == "eventual"
    if isEventual { words.removeFirst() }
    let value = words.count > 1 && words[1] != "-" ? words[1] : nil
    let action: HistoryOperation.Action =
        switch words[0] {
        case "put": .put(value ?? "")
        case "delete": .delete
        default: .read(value)
        }
    return HistoryOperation(
        client: client, called: UInt64(times[0]) ?? 0, returned: UInt64(times[1]), action: action, outcome: outcome,
        isStrong: !isEventual)
}
