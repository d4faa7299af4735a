import Foundation
import HistoryChecker

/// The recorded requests of a file, grouped by key.
struct RecordedHistory {
    enum Failure: Error, CustomStringConvertible {
        case unreadable(String)
        case malformed(line: Int, String)

        var description: String {
            switch self {
            case .unreadable(let file): "cannot read \(file)"
            case .malformed(let line, let reason): "line \(line): \(reason)"
            }
        }
    }

    /// The history of each key, sorted by key.
    let keys: [KeyHistory]

    /// Reads the file at `path`, or standard input if that is nil.
    init(reading path: String?) throws(Failure) {
        let file: FileHandle?
        if let path { file = FileHandle(forReadingAtPath: path) } else { file = .standardInput }
        guard let file, let bytes = try? file.readToEnd() ?? Data() else {
            throw .unreadable(path ?? "standard input")
        }
        try self.init(lines: bytes)
    }

    init(lines bytes: Data) throws(Failure) {
        var byKey: [String: KeyHistory] = [:]
        let decoder = JSONDecoder()
        var number = 0
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            number += 1
            if line.allSatisfy({ $0 <= UInt8(ascii: " ") }) { continue }
            let request: RecordedRequest
            do {
                request = try decoder.decode(RecordedRequest.self, from: Data(line))
            } catch {
                throw .malformed(line: number, "\(error)")
            }
            byKey[request.key, default: KeyHistory(key: request.key)].append(try request.operation(line: number))
        }
        keys = byKey.values.sorted { $0.key < $1.key }
    }

    func summary(violations: Int) -> String {
        let operations = keys.reduce(0) { $0 + $1.operations.count }
        let strong = keys.reduce(0) { $0 + $1.strongCount }
        let unknown = keys.reduce(0) { $0 + $1.operations.count { $0.outcome == .unknown } }
        let refused = keys.reduce(0) { $0 + $1.operations.count { $0.outcome == .notApplied } }
        let verdict = violations == 0 ? "no violation" : "violations on \(violations) keys"
        return "check-history: \(operations) operations on \(keys.count) keys, \(strong) completed strong, "
            + "\(unknown) unknown, \(refused) not applied: \(verdict)"
    }
}

/// One request of a recorded history file, which is one line. The names of the properties are the members of the JSON
/// object.
struct RecordedRequest: Decodable {
    enum Verb: String, Decodable {
        case put, get, delete
    }

    enum Consistency: String, Decodable {
        case strong, eventual
    }

    let key: String
    let client: Int
    let op: Verb
    let consistency: Consistency
    let value: String?
    let start_us: UInt64
    let end_us: UInt64?
    let status: Int?
    let outcome: String?

    func operation(line: Int) throws(RecordedHistory.Failure) -> HistoryOperation {
        if let end_us, end_us < start_us { throw .malformed(line: line, "end_us is before start_us") }
        return HistoryOperation(
            client: client, called: start_us, returned: end_us, action: try action(line: line), outcome: result,
            isStrong: consistency == .strong)
    }

    private var isDone: Bool { (200..<300).contains(status ?? 0) }
    private var foundNothing: Bool { status == 404 && op != .put }

    private var result: HistoryOperation.Outcome {
        if end_us == nil { return outcome == "not_applied" ? .notApplied : .unknown }
        if isDone || foundNothing { return .done }
        let isClientError = (400..<500).contains(status ?? 0)
        return outcome == "not_applied" || isClientError ? .notApplied : .unknown
    }

    private func action(line: Int) throws(RecordedHistory.Failure) -> HistoryOperation.Action {
        switch op {
        case .put:
            guard let value else { throw .malformed(line: line, "a put requires a value") }
            return .put(value)
        case .delete: return foundNothing ? .read(nil) : .delete
        case .get:
            if isDone, value == nil { throw .malformed(line: line, "a get that found an item requires a value") }
            return .read(isDone ? value : nil)
        }
    }
}
