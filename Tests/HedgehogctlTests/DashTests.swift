import ArgumentParser
import Testing

@testable import hedgehogctl

@Suite struct DashTests {
    @Test("A key that begins with a dash is an error and not a request for help", arguments: ["-dash", "-h", "-handle"])
    func dash(key: String) {
        do {
            _ = try ControlCommand.parseAsRoot(["put", "notes", key, "{}"])
            Issue.record("the command line was accepted")
        } catch {
            #expect(ControlCommand.exitCode(for: error) == .validationFailure)
        }
    }

    @Test("After --, an argument that begins with a dash is a key")
    func behindDashes() throws {
        let command = try ControlCommand.parseAsRoot(["put", "notes", "--", "-dash", "{}"])
        #expect((command as? PutCommand)?.item.key == "-dash")
    }
}
