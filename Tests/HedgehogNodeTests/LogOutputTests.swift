import Foundation
import Testing

@testable import HedgehogNode

@Suite struct LogOutputTests {
    @Test("A line that a full pipe cut is ended before the next batch, and every line that is not whole is counted")
    func cutLine() async {
        await #expect(processExitsWith: .success) { try writeToEndsThatRefuse() }
    }
}

private func writeToEndsThatRefuse() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    // A pipe's reading end, to which every write fails.
    var output = LogOutput(descriptor: ends[0])
    #expect(output.write(Array("one\ntwo\n".utf8)) == 2)

    // A file whose size limit is in the middle of the second line.
    let directory = TestDirectory()
    let path = directory.path + "-limited.log"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try #require(FileManager.default.createFile(atPath: path, contents: nil))
    let file = try #require(FileHandle(forWritingAtPath: path))
    output = LogOutput(descriptor: file.fileDescriptor)
    withFileSizeLimit(6) {
        #expect(output.write(Array("one\ntwo\nthree\n".utf8)) == 2)
        #expect(output.write(Array("four\n".utf8)) == 1)
    }
    #expect(output.write(Array("five\nsix\n".utf8)) == 0)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntw\nfive\nsix\n")
}

/// Lets files of this process grow to at most `bytes` while `body` runs. Other tests that write files must not run at
/// the same time, so this is called in a process of its own.
private func withFileSizeLimit(_ bytes: Int, _ body: () -> Void) {
    signal(SIGXFSZ, SIG_IGN)
    #if os(Linux)
    let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
    #else
    let resource = RLIMIT_FSIZE
    #endif
    var limit = rlimit()
    getrlimit(resource, &limit)
    let before = limit
    limit.rlim_cur = rlim_t(bytes)
    setrlimit(resource, &limit)
    body()
    var restored = before
    setrlimit(resource, &restored)
}
