import Observability
import Reactor
import Testing

@testable import HedgehogNode

/// The formats and headers of the metrics page. MetricsTests tests its content.
@Suite struct MetricsPageTests {
    @Test("Clients that prefer OpenMetrics get a complete OpenMetrics page, all others the text format")
    func formats() throws {
        let client = try TestNode().client()
        let open = try #require(client.get("/metrics", ["Accept: application/openmetrics-text;version=1.0.0"]))
        #expect(open["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
        #expect(open.text.hasSuffix("\n# EOF\n"))
        #expect(open.text.contains("# TYPE hedgehog_http_requests counter\n"))
        let text = try #require(client.get("/api/v1/metrics"))
        #expect(text["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        #expect(text.text.contains("# TYPE hedgehog_http_requests_total counter\n") && !text.text.contains("# EOF"))
        for answer in [open, text] { #expect(answer["Vary"] == "Accept, Accept-Encoding") }
    }

    @Test("A page compressed with gzip has the same content")
    func gzip() throws {
        let client = try TestNode().client()
        let packed = try #require(client.get("/metrics", ["Accept-Encoding: gzip"]))
        #expect(packed["Content-Encoding"] == "gzip")
        let page = try #require(unpacked(packed.body, room: 1 << 22))
        #expect(page.count > 4 * packed.body.count)
        #expect(String(decoding: page, as: UTF8.self).contains("\nhedgehog_ready 1\n"))
        #expect(client.get("/metrics", ["Accept-Encoding: gzip;q=0"])?["Content-Encoding"] == nil)
    }

    @Test("HEAD has the headers of GET, and other methods are refused with the allowed methods")
    func methods() throws {
        let client = try TestNode().client()
        let head = try #require(client.ask("HEAD", "/metrics"))
        #expect(head.status == 200 && head.body.isEmpty)
        #expect((head["Content-Length"].flatMap { Int($0) } ?? 0) > 10_000)
        #expect(head["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        let post = try #require(client.ask("POST", "/metrics", [], []))
        #expect(post.status == 405)
        #expect(post["Allow"]?.hasPrefix("GET, HEAD") == true)
    }

    @Test("A page that misses the timeout of the scraper is answered with 503 and counted")
    func tooLate() throws {
        let client = try TestNode().client()
        let late = try #require(client.get("/metrics", ["X-Prometheus-Scrape-Timeout-Seconds: 0.000000001"]))
        #expect(late.status == 503 && late.text.contains("scrape_timeout"))
        let page = try #require(client.get("/metrics", ["X-Prometheus-Scrape-Timeout-Seconds: 60"]))
        #expect(page.status == 200)
        #expect(page.text.contains(#"hedgehog_metrics_scrapes_total{code="503"} 1"#))
        #expect(page.text.contains("hedgehog_metrics_scrapes_in_flight 1\n"))
    }

    @Test("Scrapes beyond those rendered at the same time wait for their turn")
    func crowd() throws {
        let node = try TestNode()
        let clients = (0..<24).map { _ in node.client() }
        let request = TestClient.request("GET", "/metrics", ["Accept-Encoding: gzip"])
        for client in clients { client.send(request) }
        for client in clients { #expect(client.receive()?.status == 200) }
        let page = try #require(node.client().get("/metrics")).text
        #expect(page.contains(#"hedgehog_metrics_scrapes_total{code="503"} 0"#))
        #expect(page.contains("hedgehog_metrics_scrapes_in_flight 1\n"))
    }

    @Test("The page has the build, the library versions and the readiness")
    func build() throws {
        let page = try #require(try TestNode().client().get("/metrics")).text
        let line = try #require(page.split(separator: "\n").first { $0.hasPrefix("hedgehog_build_info{") })
        #expect(line.contains(#"version="0.1.0""#) && line.contains(#"libuv_version="1."#))
        #expect(line.contains("revision=\"") && line.contains("libcurl_version=\"") && line.hasSuffix(" 1"))
        #expect(!line.contains("=\"\""))
        #expect(page.contains("\nhedgehog_ready 1\n"))
        #expect(page.contains("\nhedgehog_partitions{state=\"ok\"} 256\n"))
        #expect(page.contains("\nhedgehog_partitions{state=\"unavailable\"} 0\n"))
    }

    @Test("With a limit of 0 tables all tables share one label")
    func noTables() throws {
        let client = try TestNode([.metricsMaximumTables: "0"]).client()
        client.makeTable("t")
        let page = try #require(client.get("/metrics")).text
        #expect(page.contains("\nhedgehog_storage_items{table=\"__other__\"} 0\n"))
        #expect(page.contains("\nhedgehog_tables 1\n") && !page.contains("table=\"t\""))
    }

    @Test("Every metric of the catalogue is on the page of a node of three that has served requests")
    func complete() throws {
        let cluster = try TestCluster()
        let client = cluster.client(0)
        client.makeTable("t")
        _ = client.put("/api/v1/tables/t/items/k?consistency=strong", "{}")
        _ = client.get("/api/v1/tables/t/items/k?consistency=strong")
        let page = try #require(client.get("/metrics")).text
        let absent = MetricFamily.catalogue.filter { !page.contains("# TYPE \($0.name) ") }.map(\.name)
        // Process metrics may be absent, because only Linux has them; so may tracing metrics, which depend on the
        // settings.
        #expect(absent.filter { !$0.hasPrefix("process_") && !$0.hasPrefix("hedgehog_tracing_") } == [])
        func total(_ family: String) -> Double {
            page.split(separator: "\n").filter { $0.hasPrefix(family + "{") }
                .reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? 0) }
        }
        for family in [
            "hedgehog_peer_sent_bytes_total", "hedgehog_peer_received_bytes_total",
            "hedgehog_coordinator_remote_reads_total", "hedgehog_coordinator_remote_read_duration_seconds_count",
            "hedgehog_coordinator_request_duration_seconds_count", "hedgehog_replication_send_total",
        ] { #expect(total(family) > 0, "\(family)") }
    }

    @Test("While a member is down, its partitions are under-replicated and its oldest hint has a timestamp")
    func memberAway() throws {
        let cluster = try TestCluster()
        let began = Double(EventLoop.wallMilliseconds()) / 1_000
        cluster.client(0).makeTable("t")
        cluster.stop(2)
        cluster.poll(0, "misses a replica of every partition") {
            $0.get("/metrics")?.text.contains("\nhedgehog_partitions{state=\"under_replicated\"} 256\n") == true
        }
        #expect(cluster.client(0).put("/api/v1/tables/t/items/k?consistency=strong", "{}")?.status == 200)
        let oldest = "hedgehog_replication_hint_oldest_timestamp_seconds{target_node=\"node-3\"} "
        func since(_ client: TestClient) -> Double? {
            let line = client.get("/metrics")?.text.split(separator: "\n").first { $0.hasPrefix(oldest) }
            return line.flatMap { Double($0.dropFirst(oldest.count)) }
        }
        cluster.poll(0, "has a hint that waits since now") { since($0).map { $0 >= began } == true }
        try cluster.start(2)
        cluster.poll(0, "has none any more") { since($0) == 0 }
    }
}
