import Foundation
import Observability
import Reactor
import Testing

@testable import HedgehogNode

/// The tracing of one node on a loop that runs on the thread of the test, with a log in a file. The export delay is 0,
/// so spans that end are exported in the next loop iterations.
final class ExportRun {
    let loop: EventLoop
    let tracing: Tracing
    let collector: ScriptedCollector?
    private let registry = MetricRegistry()
    private let log: NodeLog
    private let directory = TestDirectory()
    private let file: FileHandle
    private var isAwaited: (() -> Bool)?
    private var isClosed = false

    private var logPath: String { directory.path + "-spans.log" }

    /// Starts the exporter with `environment` as its environment variables, in whose values the words `COLLECTOR` and
    /// `PORT` are replaced by the address and the port of a test collector that answers with `steps`. If `steps` is
    /// nil, no collector runs, and connections to the address are refused.
    init(_ steps: [ScriptedCollector.Step]?, _ environment: [String: String] = [:]) throws {
        loop = try EventLoop()
        collector = try steps.map { [loop] in try ScriptedCollector(loop: loop, $0) }
        var variables = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://COLLECTOR", "OTEL_BSP_SCHEDULE_DELAY": "0",
            "HEDGEHOG_TRACE_MAX_PER_SECOND": "0",
        ].merging(environment) { $1 }
        let address = collector?.address ?? "127.0.0.1:1"
        let port = address.split(separator: ":").last.map(String.init) ?? ""
        variables = variables.mapValues {
            $0.replacingOccurrences(of: "COLLECTOR", with: address).replacingOccurrences(of: "PORT", with: port)
        }
        let configuration = try NodeConfiguration(
            from: SettingSources(flags: [:], environment: variables, file: [:]), terminalOutput: false,
            descriptorLimit: 4096)
        #expect(configuration.tracingWarnings.isEmpty)
        let path = directory.path + "-spans.log"
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        file = try #require(FileHandle(forWritingAtPath: path))
        log = try NodeLog(configuration, descriptor: file.fileDescriptor)
        tracing = Tracing(
            configuration.tracing, nodeID: "node-1", loop: loop, workers: WorkQueue(loop: loop), log: log,
            registry: registry)
        loop.addIterationHook { [unowned self] _ in
            if isAwaited?() == true { loop.stop() }
        }
    }

    deinit {
        if !isClosed { tracing.close() }
        collector?.stopListening()
        loop.close()
        log.close()
        try? FileManager.default.removeItem(atPath: logPath)
    }

    /// Starts and ends `count` spans.
    func end(_ count: Int = 1, _ attributes: [SpanAttribute] = []) {
        for _ in 0..<count {
            let span = tracing.tracer.begin("test", .internal)
            for attribute in attributes { span.set(attribute.key, attribute.value) }
            tracing.tracer.end(span)
        }
    }

    /// Runs the loop until `holds` is true, for at most ten seconds.
    func run(_ what: String, location: SourceLocation = #_sourceLocation, until holds: @escaping () -> Bool) {
        var isLate = false
        let timeout = Timer(loop: loop)
        timeout.start(afterMilliseconds: 10_000) {
            isLate = true
            self.loop.stop()
        }
        isAwaited = holds
        loop.run()
        isAwaited = nil
        timeout.close()
        if isLate { Issue.record("timed out before \(what)", sourceLocation: location) }
    }

    /// Runs until every span that ended is exported or dropped.
    func settle(location: SourceLocation = #_sourceLocation) {
        run("all spans are exported or dropped", location: location) {
            self.exported + self.drops.values.reduce(0, +) == Int(self.tracing.tracer.counts.spansEnded)
        }
    }

    /// Closes the export with this time limit and returns the milliseconds that it took.
    func flush(withinMilliseconds limit: UInt64) -> UInt64 {
        let start = EventLoop.monotonicNanoseconds()
        var isDone = false
        tracing.flushAndClose(withinMilliseconds: limit) { isDone = true }
        run("the export is closed") { isDone }
        isClosed = true
        return (EventLoop.monotonicNanoseconds() - start) / 1_000_000
    }

    var requests: [ScriptedCollector.Request] { collector?.requests ?? [] }

    /// Closes the log of the run and returns its lines as JSON objects.
    var logged: [[String: Any]] {
        get throws {
            log.close()
            return try String(contentsOfFile: logPath, encoding: .utf8).split(separator: "\n").map {
                try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
            }
        }
    }
}

// MARK: Metrics
extension ExportRun {
    var exported: Int { metric("hedgehog_tracing_spans_exported_total") }

    /// Dropped spans by reason, without reasons that did not occur.
    var drops: [String: Int] { byLabel("hedgehog_tracing_spans_dropped_total{reason=\"") }

    /// Export attempts by result, without results that did not occur.
    var attempts: [String: Int] { byLabel("hedgehog_tracing_exports_total{result=\"") }

    func metric(_ name: String) -> Int {
        lines.first { $0.hasPrefix(name + " ") }.flatMap { Int($0.dropFirst(name.count + 1)) } ?? -1
    }

    func byLabel(_ start: String) -> [String: Int] {
        var found: [String: Int] = [:]
        for line in lines where line.hasPrefix(start) {
            let parts = line.dropFirst(start.count).split(separator: "\"} ")
            if parts.count == 2, let value = Int(parts[1]), value > 0 { found[String(parts[0])] = value }
        }
        return found
    }

    private var lines: [String] {
        String(decoding: registry.render(), as: UTF8.self).split(separator: "\n").map(String.init)
    }
}
