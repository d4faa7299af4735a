internal import Base

// Wire layout of `AnswerBatch`, field sizes in bytes: envelope, tables (count 2, entries), answers (count 2, frames).
extension AnswerBatch {
    /// The batch of answers encoded as a message to another node. Requires: at most `WireLimits.callsPerBatch` answers.
    /// An answer that does not fit into the message is replaced by `overloaded`; the caller may retry with a smaller
    /// request. Answers to writes are small, so this never affects them.
    package var encoded: [UInt8] {
        precondition(answers.count <= WireLimits.callsPerBatch, "a batch has more answers than the wire format allows")
        let (answers, weight) = fitting
        var tables = BatchTables()
        for answer in answers {
            if let table = answer.table { tables.index(of: table) }
        }
        return WireFormat.message(.answers, reserving: weight) { bytes in
            envelope.append(to: &bytes)
            tables.append(to: &bytes)
            bytes.appendBigEndian(UInt16(answers.count))
            for answer in answers { answer.append(to: &bytes, tables: &tables) }
        }
    }

    /// The answers that fit into one message, with `overloaded` in place of each one that does not. Space is reserved
    /// for the small answers that follow a large one.
    private var fitting: (answers: [PeerAnswer], weightBytes: Int) {
        let smallBytes = 3 + WireLimits.reasonBytes
        var weight = Envelope.maximumWireBytes + 4
        var room = WireLimits.messageBytes - WireFormat.headerBytes - WireFormat.checksumBytes - weight
            - smallBytes * answers.count
        var fitting = answers
        for (index, answer) in answers.enumerated() {
            let bytes = answer.weightBytes
            let extra = max(bytes - smallBytes, 0)
            if extra <= room, answer.isWithinLimits {
                room -= extra
                weight += bytes
            } else {
                fitting[index] = .overloaded
                weight += PeerAnswer.overloaded.weightBytes
            }
        }
        return (fitting, weight)
    }

    package init(decoding bytes: [UInt8]) throws(WireError) {
        var reader = try WireFormat.open(bytes, as: .answers)
        let envelope = try Envelope(reading: &reader)
        var tables = try ReadBatchTables(reading: &reader)
        let count = try reader.count(UInt16.self, .answers, limit: WireLimits.callsPerBatch, eachBytes: 1)
        var answers: [PeerAnswer] = []
        answers.reserveCapacity(count)
        for _ in 0..<count { answers.append(try PeerAnswer(reading: &reader, tables: &tables)) }
        try tables.finish(reader)
        try reader.finish()
        self.init(envelope, answers: answers)
    }
}

extension PeerAnswer {
    fileprivate var isWithinLimits: Bool {
        if case .page(let page) = self { page.isWithinLimits } else { true }
    }
}
