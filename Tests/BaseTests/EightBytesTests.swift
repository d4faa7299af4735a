import Base
import Testing

@Suite struct EightBytesTests {
    @Test("Every byte is found at every place of a text of every length, whatever the text's alignment")
    func everyByte() {
        for byte in 0...UInt8.max {
            for count in 1...21 {
                for place in 0..<count {
                    var text = [UInt8](repeating: UInt8(ascii: "a"), count: place % 8 + count)
                    text[place % 8 + place] = byte
                    expectSameAnswers(text.span.extracting((place % 8)...))
                }
            }
        }
    }

    @Test("A borrow or a carry from one byte to the next changes no answer")
    func neighbours() {
        for pair in 0...UInt16.max {
            let bytes = [UInt8(pair >> 8), UInt8(pair & 0xFF)]
            expectSameAnswers((bytes + [0x41, 0x41, 0x41, 0x41] + bytes).span)
        }
    }

    @Test("Of no bytes everything is true")
    func none() {
        #expect([UInt8]().span.allSatisfy { _ in false })
    }

    private func expectSameAnswers(_ text: Span<UInt8>) {
        var (isFreeOfQuotes, isFromSpace, isToTilde) = (true, true, true)
        for index in text.indices {
            if text[index] == 0x22 { isFreeOfQuotes = false }
            if text[index] < 0x20 { isFromSpace = false }
            if text[index] > 0x7E { isToTilde = false }
        }
        // One expectation for all of them: there are a million.
        let areSame = text.allSatisfy { $0.marks(of: 0x22) == 0 } == isFreeOfQuotes
            && text.allSatisfy { $0.marks(below: 0x20) == 0 } == isFromSpace
            && text.allSatisfy { $0.marks(above: 0x7E) == 0 } == isToTilde
        if !areSame { Issue.record("other answers about \(Array(copying: text))") }
    }
}
