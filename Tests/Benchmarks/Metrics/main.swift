import AllocationCount
import Observability
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// Measures metric updates and log lines. Each line of output has a name, the processor nanoseconds and the allocations
// of one update. `scripts/bench-metrics` compares them with the same updates in other libraries.

let rounds = 20_000_000
/// Sample durations in nanoseconds for the histogram benchmark, like reads from memory and from disk: 15 of 16 are
/// short and fall into the first two buckets, the others are spread over the remaining buckets.
let durations: [UInt64] = (0..<1024).map { number in
    let place = UInt64(number)
    return place % 16 == 0 ? place * 3_000_000 : 40_000 + place * 900
}

/// The processor time of this process, which depends little on other processes of the machine.
func processorNanoseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

func measure(_ name: String, rounds: Int = rounds, _ update: (Int) -> Void) {
    for index in 0..<(rounds / 20) { update(index) }
    let allocated = allocation_count()
    let started = processorNanoseconds()
    for index in 0..<rounds { update(index) }
    let elapsed = processorNanoseconds() - started
    print(name, elapsed / Double(rounds), Double(allocation_count() - allocated) / Double(rounds))
}

let registry = MetricRegistry()
let http = HTTPMetrics(registry: registry)
let users = http.table("users")
let counter = registry.counter(.logLinesDropped)
let histogram = registry.histogram(.replicationReceivedDuration, "get", "success")
let traceID = TraceID(high: 1, low: 2)
let spanID = SpanID(rawValue: 3)

measure("counter") { _ in registry.increment(counter) }
measure("histogram") { registry.record(durations[$0 & 1023], in: histogram) }
measure("request") { index in
    http.record(
        RequestMeasure(
            method: .get, operation: .getItem, status: 200, durationNanoseconds: durations[index & 1023],
            requestBytes: 120, responseBytes: 220),
        table: users)
}
if let traceID, let spanID {
    measure("request-with-exemplar") { index in
        http.record(
            RequestMeasure(
                method: .get, operation: .getItem, status: 200, durationNanoseconds: durations[index & 1023],
                requestBytes: 120, responseBytes: 220),
            table: users,
            exemplar: Exemplar(traceID: traceID, spanID: spanID, wallMilliseconds: UInt64(index)))
    }
}

/// Prints the size of the metrics page after the measured updates, so that the compiler cannot remove the updates as
/// unused.
print("page", registry.render().count, 0)

// A GET request for the benchmark of access log lines.
let head = Array(
    ("GET /api/v1/tables/load/items/item-0000004711 HTTP/1.1\r\nHost: 127.0.0.1:8081\r\n"
        + "User-Agent: wrk/4.1.0\r\n\r\n").utf8)
var generator = SystemRandomNumberGenerator()
var encoders = [LogFormat.text, .json].map { LogEncoder(format: $0, nodeID: "node-1") }
let record = AccessRecord(
    wallNanoseconds: 1_795_529_106_123_456_789, method: head[0..<3], target: head[4..<45],
    userAgent: head[90..<99], route: "/api/v1/tables/{name}/items/{key}", operation: .getItem, table: "load",
    status: 200, durationNanoseconds: 41_234, bytesIn: 108, bytesOut: 187, peer: "127.0.0.1:54321",
    requestID: RequestID(using: &generator), traceID: TraceID(using: &generator))
for (index, name) in ["access-line-text", "access-line-json"].enumerated() {
    var line: [UInt8] = []
    line.reserveCapacity(4096)
    measure(name, rounds: 2_000_000) { _ in
        line.removeAll(keepingCapacity: true)
        encoders[index].append(record, to: &line)
    }
}
