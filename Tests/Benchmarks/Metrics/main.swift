import AllocationCount
import Observability
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

// What one update costs, a line each: name, nanoseconds of the processor, allocations. `scripts/bench-metrics` runs
// this beside the same updates of other libraries.

let rounds = 20_000_000
/// From memory and from disk, in nanoseconds: most in the first bucket or two, some in all.
let durations: [UInt64] = (0..<1024).map { number in
    let place = UInt64(number)
    return place % 16 == 0 ? place * 3_000_000 : 40_000 + place * 900
}

/// Of this process: what others do on the machine meanwhile counts as little as possible.
func processorNanoseconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
}

func measure(_ name: String, _ update: (Int) -> Void) {
    for index in 0..<1_000_000 { update(index) }
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

/// So that nothing above can be left out as useless.
print("page", registry.render().count, 0)
