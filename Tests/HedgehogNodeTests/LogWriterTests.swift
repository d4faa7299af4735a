import Foundation
import Testing

@testable import HedgehogNode

@Suite struct LogWriterTests {
    @Test("Every line is written once and in order, whatever its length and however it was flushed")
    func order() throws {
        let directory = TestDirectory()
        let path = directory.path + "-lines.log"
        defer { try? FileManager.default.removeItem(atPath: path) }
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try #require(FileHandle(forWritingAtPath: path))
        let writer = try #require(LogWriter(descriptor: file.fileDescriptor))
        var expected: [UInt8] = []
        var random = SplitMix(state: 7)
        // All lines together are smaller than the capacity of the log queue, so that no line is dropped even if the
        // disk is slow.
        for number in 0..<20_000 {
            let length = number % 2_000 == 0 ? 100_000 : Int(random.next() % 400)
            let line = Array("\(number) \(String(repeating: "x", count: length))\n".utf8)
            expected += line
            writer.beginLine()
            writer.gathered += line
            writer.endLine()
            if random.next() % 1_000 == 0 { writer.flush() }
        }
        writer.close(withinMilliseconds: 10_000)
        #expect(writer.droppedLines == 0)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data(expected))
    }
}
