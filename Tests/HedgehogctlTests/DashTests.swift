import ArgumentParser
import Testing

@testable import hedgehogctl

@Suite struct DashTests {
    @Test("A key that begins with a dash is not taken for a plea for help", arguments: ["-dash", "-h", "-handle"])
    func dash(key: String) {
        do {
            _ = try ControlCommand.parseAsRoot(["put", "notes", key, "{}"])
            Issue.record("it was understood")
        } catch {
            #expect(ControlCommand.exitCode(for: error) == .validationFailure)
        }
    }

    @Test("Behind -- it is a key")
    func behindDashes() throws {
        let command = try ControlCommand.parseAsRoot(["put", "notes", "--", "-dash", "{}"])
        #expect((command as? Put)?.item.key == "-dash")
    }
}
