/// Takes the answer to a scan apart while it comes, so that a page of any size is in memory one entry at a time. What
/// is left when the entries are taken out, `{"items":[],"count":2,"next":"..."}`, is the envelope.
struct ScanAnswer {
    private(set) var envelope: [UInt8] = []
    private var entry: [UInt8] = []
    private var nesting = JSONNesting()
    private var isInItems = false
    private(set) var isComplete = false

    /// `deliver` gets each whole entry, `{"key":...,"item":...}`, as it was sent.
    mutating func take(_ bytes: [UInt8], _ deliver: (ArraySlice<UInt8>) throws -> Void) throws {
        for byte in bytes {
            let before = nesting
            nesting.pass(byte)
            if isInItems {
                try takeInItems(byte, before, deliver)
            } else {
                try takeInEnvelope(byte, before)
            }
        }
    }

    private mutating func takeInItems(
        _ byte: UInt8, _ before: JSONNesting, _ deliver: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        if nesting.depth == 1 {
            isInItems = false
            envelope.append(byte)
        } else if nesting.depth > 2 || before.depth > 2 {
            guard entry.count < ControlLimits.entryBytes else {
                throw ControlFailure.strangeAnswer("an entry is longer than \(ControlLimits.entryBytes >> 20) MiB")
            }
            entry.append(byte)
            if nesting.depth == 2 {
                try deliver(entry[...])
                entry.removeAll(keepingCapacity: true)
            }
        }
    }

    private mutating func takeInEnvelope(_ byte: UInt8, _ before: JSONNesting) throws {
        // No text inside a string ends in this name: its quotes would be escaped.
        let isOpening = before.depth == 1 && byte == UInt8(ascii: "[")
        if isOpening && envelopeEnds(with: "\"items\":") { isInItems = true }
        guard envelope.count < ControlLimits.envelopeBytes else {
            throw ControlFailure.strangeAnswer("beside items it is longer than \(ControlLimits.envelopeBytes) bytes")
        }
        envelope.append(byte)
        if before.depth == 1 && nesting.depth == 0 { isComplete = true }
    }

    private func envelopeEnds(with text: String) -> Bool {
        let compact = envelope.suffix(64).filter { $0 > 0x20 }
        return compact.suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
