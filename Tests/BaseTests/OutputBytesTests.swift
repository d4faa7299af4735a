import Base
import Testing

@Suite struct OutputBytesTests {
    @Test("Pieces of every length follow one another, in room for all of them and no more")
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

    @Test("What is not written leaves nothing behind")
    func unused() {
        var bytes: [UInt8] = [1]
        bytes.write(atMost: 100) { $0.append([2, 3].span) }
        bytes.write(atMost: 0) { _ in }
        #expect(bytes == [1, 2, 3])
    }
}
