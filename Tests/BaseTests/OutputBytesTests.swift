import Base
import Testing

@Suite struct OutputBytesTests {
    @Test("Pieces of every length fit into exactly the reserved bytes")
    func pieces() {
        let text = (0..<80).map { UInt8($0) }
        for count in 0...80 {
            var bytes: [UInt8] = []
            bytes.write(atMost: 2 * count + 3) {
                $0.append("<")
                $0.append(text.span.extracting(0..<count))
                $0.append("|")
                $0.append(text.span.extracting((80 - count)...))
                $0.append(">")
            }
            let (first, last) = ([0x3C] + text.prefix(count), [0x7C] + text.suffix(count) + [0x3E])
            #expect(bytes == first + last)
        }
    }

    @Test("Reserved bytes that are not written are not part of the result")
    func unused() {
        var bytes: [UInt8] = [1]
        bytes.write(atMost: 100) { $0.append([2, 3].span) }
        bytes.write(atMost: 0) { _ in }
        #expect(bytes == [1, 2, 3])
    }
}
