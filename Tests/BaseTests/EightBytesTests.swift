import Base
import Testing

@Suite struct EightBytesTests {
    @Test("Every byte is found at every offset of texts of every length and alignment")
    func everyByte() {
        for byte in 0...UInt8.max {
            for count in 1...21 {
                for place in 0..<count {
                    var text = [UInt8](repeating: UInt8(ascii: "a"), count: place % 8 + count)
                    text[place % 8 + place] = byte
                    expectSameResults(text.span.extracting((place % 8)...))
                }
            }
        }
    }

    @Test("A borrow or a carry between neighbouring bytes changes no result")
    func neighbours() {
        for pair in 0...UInt16.max {
            let bytes = [UInt8(pair >> 8), UInt8(pair & 0xFF)]
            expectSameResults((bytes + [0x41, 0x41, 0x41, 0x41] + bytes).span)
        }
    }

    @Test("Every condition holds for an empty text")
    func none() {
        #expect([UInt8]().span.allSatisfy { _ in false })
    }

    private func expectSameResults(_ text: Span<UInt8>) {
        var (isFreeOfQuotes, isFromSpace, isToTilde) = (true, true, true)
        for index in text.indices {
            if text[index] == 0x22 { isFreeOfQuotes = false }
            if text[index] < 0x20 { isFromSpace = false }
            if text[index] > 0x7E { isToTilde = false }
        }
        // All three masks of EightBytes are compared in one expectation, because the tests make a million comparisons.
        let areSame = text.allSatisfy { $0.bitmask(of: 0x22) == 0 } == isFreeOfQuotes
            && text.allSatisfy { $0.bitmask(below: 0x20) == 0 } == isFromSpace
            && text.allSatisfy { $0.bitmask(above: 0x7E) == 0 } == isToTilde
        if !areSame { Issue.record("different results for \(Array(copying: text))") }
    }
}
