import Observability
import Testing

@Suite struct ExpositionTests {
    @Test("A registry without series gives an empty page")
    func empty() {
        #expect(page(MetricRegistry()) == "")
    }

    @Test("Families are in the order of the catalogue, each with one head")
    func transcript() {
        let registry = MetricRegistry()
        let dropped = registry.counter(.logLinesDropped)
        let writable = registry.gauge(.storageWritable)
        let idle = registry.gauge(.httpConnections, "idle")
        let active = registry.gauge(.httpConnections, "active")
        registry.increment(dropped)
        registry.increment(dropped, by: 41)
        registry.set(writable, to: 1)
        registry.add(3, to: idle)
        registry.add(-5, to: active)
        #expect(page(registry) == """
            # HELP hedgehog_http_connections Current connections by state.
            # TYPE hedgehog_http_connections gauge
            hedgehog_http_connections{state="idle"} 3
            hedgehog_http_connections{state="active"} -5
            # HELP hedgehog_storage_writable 1 while the store accepts writes, 0 while it refuses them.
            # TYPE hedgehog_storage_writable gauge
            hedgehog_storage_writable 1
            # HELP hedgehog_log_lines_dropped_total Log lines dropped because they could not be written, or not in time.
            # TYPE hedgehog_log_lines_dropped_total counter
            hedgehog_log_lines_dropped_total 42

            """)
    }

    @Test("A histogram in seconds has canonical bounds, cumulative buckets and a sum without an exponent")
    func histogram() {
        let registry = MetricRegistry()
        let http = HTTPMetrics(registry: registry)
        for nanoseconds in [1, 1_000_000, 1_000_001, 10_000_000_000, 10_000_000_001] as [UInt64] {
            http.record(request(.getItem, status: 200, nanoseconds: nanoseconds), table: http.table("users"))
        }
        let labels = #"method="GET",operation="get_item",status="2xx",table="users""#
        let name = "hedgehog_http_request_duration_seconds"
        #expect(lines(registry, with: "\(name)_", and: labels) == [
            #"\#(name)_bucket{\#(labels),le="0.001"} 2"#,
            #"\#(name)_bucket{\#(labels),le="0.005"} 3"#,
            #"\#(name)_bucket{\#(labels),le="0.01"} 3"#,
            #"\#(name)_bucket{\#(labels),le="0.025"} 3"#,
            #"\#(name)_bucket{\#(labels),le="0.05"} 3"#,
            #"\#(name)_bucket{\#(labels),le="0.1"} 3"#,
            #"\#(name)_bucket{\#(labels),le="0.25"} 3"#,
            #"\#(name)_bucket{\#(labels),le="0.5"} 3"#,
            #"\#(name)_bucket{\#(labels),le="1.0"} 3"#,
            #"\#(name)_bucket{\#(labels),le="2.5"} 3"#,
            #"\#(name)_bucket{\#(labels),le="5.0"} 3"#,
            #"\#(name)_bucket{\#(labels),le="10.0"} 4"#,
            #"\#(name)_bucket{\#(labels),le="+Inf"} 5"#,
            #"\#(name)_sum{\#(labels)} 20.002000003"#,
            #"\#(name)_count{\#(labels)} 5"#,
        ])
    }

    @Test("A histogram without labels has only le in its buckets and no braces on its sum")
    func plainHistogram() {
        let registry = MetricRegistry()
        let storage = StorageMetrics(registry: registry)
        for operations in [1, 2, 3, 2_000] {
            storage.recordCommit(
                operations: operations, bytes: 10, lookups: 1, syncNanoseconds: 300_000, totalNanoseconds: 400_000)
        }
        let found = lines(registry, with: "hedgehog_storage_commit_batch_operations", and: "")
        #expect(found.contains(#"hedgehog_storage_commit_batch_operations_bucket{le="1.0"} 1"#))
        #expect(found.contains(#"hedgehog_storage_commit_batch_operations_bucket{le="1024.0"} 3"#))
        #expect(found.contains(#"hedgehog_storage_commit_batch_operations_bucket{le="+Inf"} 4"#))
        #expect(found.contains("hedgehog_storage_commit_batch_operations_sum 2006"))
        #expect(found.contains("hedgehog_storage_commit_batch_operations_count 4"))
        #expect(lines(registry, with: "hedgehog_storage_fsync_duration_seconds_sum", and: "")
            == ["hedgehog_storage_fsync_duration_seconds_sum 0.0012"])
    }

    @Test("Only backslash, quote and line feed are escaped in a label value", arguments: [
        ("plain", "plain"),
        ("", ""),
        (#"a\b"#, #"a\\b"#),
        (#"a"b"#, #"a\"b"#),
        ("a\nb", #"a\nb"#),
        ("\\\n\"", #"\\\n\""#),
        ("Ünï 🦔 \t{}", "Ünï 🦔 \t{}"),
    ])
    func escaping(value: String, expected: String) {
        let registry = MetricRegistry()
        _ = registry.gauge(.httpConnections, value)
        #expect(lines(registry, with: "hedgehog_http_connections{", and: "")
            == [#"hedgehog_http_connections{state="\#(expected)"} 0"#])
    }

    @Test("Observers are called for each page, and samples with equal labels are added up")
    func observers() {
        let registry = MetricRegistry()
        var free: Int64 = 100
        registry.observe { samples in
            samples.gauge(.diskFreeBytes, value: free)
            samples.gauge(.storageItems, "users", value: 3)
            samples.gauge(.storageItems, "__other__", value: 4)
            samples.gauge(.storageItems, "__other__", value: 5)
            samples.counter(.httpConnectionsAccepted, value: 7)
        }
        _ = page(registry)
        free = 50
        #expect(lines(registry, with: "hedgehog_", and: "") == [
            "hedgehog_http_connections_accepted_total 7",
            #"hedgehog_storage_items{table="users"} 3"#,
            #"hedgehog_storage_items{table="__other__"} 9"#,
            "hedgehog_disk_free_bytes 50",
        ])
    }

    @Test("Process metrics that could not be read are left out")
    func process() {
        let registry = MetricRegistry()
        registry.observe { samples in
            var reading = ProcessReading()
            reading.cpuNanoseconds = 1_250_000_000
            reading.residentMemoryBytes = 20_971_520
            reading.startTimeNanoseconds = 1_795_529_106_120_000_000
            samples.process(reading)
        }
        #expect(lines(registry, with: "process_", and: "") == [
            "process_cpu_seconds_total 1.25",
            "process_resident_memory_bytes 20971520",
            "process_start_time_seconds 1795529106.12",
        ])
    }

    @Test("A page rendered in slices of any size equals the page rendered at once", arguments: [
        1, 2, 7, 15, 16, 100, 5_000,
    ])
    func slices(size: Int) {
        let registry = busyRegistry()
        var exposition = registry.exposition()
        var sliced: [UInt8] = []
        var longest = 0
        var more = true
        while more {
            let before = sliced.count
            more = exposition.renderNext(maximumSamples: size, into: &sliced)
            longest = max(longest, sampleCount(sliced[before...]))
        }
        #expect(sliced == registry.render())
        #expect(longest < size + 16)
    }

    @Test("Updates between two slices do not change the page that is being rendered")
    func snapshot() {
        let registry = busyRegistry()
        let complete = registry.render()
        let http = registry.counter(.httpConnectionsAccepted)
        var exposition = registry.exposition()
        registry.increment(http, by: 5)
        _ = registry.counter(.httpConnectionsRefused)
        var sliced: [UInt8] = []
        while exposition.renderNext(maximumSamples: 3, into: &sliced) { registry.increment(http) }
        let text = String(decoding: sliced, as: UTF8.self)
        #expect(text.contains("hedgehog_http_connections_accepted_total 0\n"))
        #expect(!text.contains("connections_refused"))
        #expect(sliced.count > complete.count)
    }

    private func busyRegistry() -> MetricRegistry {
        let registry = MetricRegistry()
        let http = HTTPMetrics(registry: registry)
        http.record(request(.putItem, status: 200, nanoseconds: 5), table: http.table("users"))
        registry.observe { $0.gauge(.diskFreeBytes, value: 1) }
        return registry
    }

    private func sampleCount(_ page: ArraySlice<UInt8>) -> Int {
        String(decoding: page, as: UTF8.self).split(separator: "\n").count { !$0.hasPrefix("#") }
    }
}
