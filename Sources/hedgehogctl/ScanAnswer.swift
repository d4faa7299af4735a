/// Parses the answer to a scan while it arrives, so that only one entry of a page is in memory at a time. The envelope
/// is the answer without its entries: `{"items":[],"count":2,"next":"..."}`.
struct ScanAnswer {
    private(set) var envelope: [UInt8] = []
    private var entry: [UInt8] = []
    private var nesting = JSONNesting()
    private var isInItems = false
    private(set) var isComplete = false

    /// Parses the next bytes of the answer and calls `onEntry` with the original bytes of each complete entry,
    /// `{"key":...,"item":...}`.
    mutating func take(_ bytes: [UInt8], _ onEntry: (ArraySlice<UInt8>) throws -> Void) throws {
        for byte in bytes {
            let before = nesting
            nesting.pass(byte)
            if isInItems {
                try takeInItems(byte, before, onEntry)
            } else {
                try takeInEnvelope(byte, before)
            }
        }
    }

    private mutating func takeInItems(
        _ byte: UInt8, _ before: JSONNesting, _ onEntry: (ArraySlice<UInt8>) throws -> Void
    ) throws {
        if nesting.depth == 1 {
            isInItems = false
            envelope.append(byte)
        } else if nesting.depth > 2 || before.depth > 2 {
            guard entry.count < ControlLimits.entryBytes else {
                throw ControlFailure.invalidAnswer("an entry is longer than \(ControlLimits.entryBytes >> 20) MiB")
            }
            entry.append(byte)
            if nesting.depth == 2 {
                try onEntry(entry[...])
                entry.removeAll(keepingCapacity: true)
            }
        }
    }

    private mutating func takeInEnvelope(_ byte: UInt8, _ before: JSONNesting) throws {
        // A JSON string cannot end with the text `"items":`, because quotes inside a string are escaped.
        let isOpening = before.depth == 1 && byte == UInt8(ascii: "[")
        if isOpening && envelopeEnds(with: "\"items\":") { isInItems = true }
        guard envelope.count < ControlLimits.envelopeBytes else {
            throw ControlFailure.invalidAnswer(
                "without its entries it is longer than \(ControlLimits.envelopeBytes) bytes")
        }
        envelope.append(byte)
        if before.depth == 1 && nesting.depth == 0 { isComplete = true }
    }

    private func envelopeEnds(with text: String) -> Bool {
        let compact = envelope.suffix(64).filter { $0 > 0x20 }
        return compact.suffix(text.utf8.count).elementsEqual(text.utf8)
    }
}
