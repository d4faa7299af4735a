import Observability
import Testing

@Suite struct TableSeriesTests {
    private let registry = MetricRegistry()
    private let minute: UInt64 = 60_000_000_000

    private func count(_ table: String) -> [String] {
        lines(registry, with: "hedgehog_http_requests_total{method=\"GET\",operation=\"get_item\",status=\"2xx\"",
            and: "table=\"\(table)\"").map { String($0.split(separator: " ").last!) }
    }

    @Test("Tables beyond the limit share __other__ and are counted, except a table with the name __other__")
    func limit() {
        let http = HTTPMetrics(registry: registry, maximumTables: 2)
        let tables = ["a", "b", "c", "d", "__other__"].map(http.table)
        #expect(tables.map(\.label) == ["a", "b", "__other__", "__other__", "__other__"])
        for table in tables { http.record(request(.getItem, status: 200), table: table) }
        #expect(count("a") == ["1"])
        #expect(count("__other__") == ["3"])
        #expect(count("c").isEmpty)
        #expect(page(registry).contains("hedgehog_metrics_series_limited_total 2\n"))
    }

    @Test("A hundred thousand table names add no series beyond the limit")
    func attack() {
        let http = HTTPMetrics(registry: registry, maximumTables: 3)
        for number in 0..<3 { _ = http.table("t\(number)") }
        _ = http.table("one more")
        let size = lines(registry, with: "hedgehog_", and: "").count
        for number in 0..<100_000 {
            http.record(request(.getItem, status: 200, nanoseconds: 1), table: http.table("hostile\(number)"))
        }
        #expect(lines(registry, with: "hedgehog_", and: "").count == size)
    }

    @Test("The series of a dropped table are removed after a minute, and the next table reuses their slots from 0")
    func retirement() {
        let http = HTTPMetrics(registry: registry)
        let users = http.table("users")
        http.record(request(.getItem, status: 200), table: users)
        http.record(request(.getItem, .head, status: 304), table: users)
        http.retire(users, nowNanoseconds: 5)
        http.removeRetired(nowNanoseconds: minute + 4)
        #expect(count("users") == ["1"])
        http.removeRetired(nowNanoseconds: minute + 5)
        #expect(!page(registry).contains("users"))

        let orders = http.table("orders")
        #expect(lines(registry, with: "hedgehog_", and: #"table="orders""#).allSatisfy { $0.hasSuffix(" 0") })
        http.record(request(.getItem, status: 200), table: orders)
        #expect(count("orders") == ["1"])
    }

    @Test("A request that ends after its table's series were removed counts without a table")
    func lateRequest() {
        let http = HTTPMetrics(registry: registry)
        let users = http.table("users")
        http.retire(users, nowNanoseconds: 0)
        http.removeRetired(nowNanoseconds: minute)
        http.record(request(.getItem, status: 200), table: users)
        #expect(count("") == ["1"])
        #expect(!page(registry).contains("users"))
    }

    @Test("A table that is created again within a minute continues its series; later it starts at 0")
    func revival() {
        let http = HTTPMetrics(registry: registry)
        http.record(request(.getItem, status: 200), table: http.table("users"))
        http.retire(http.table("users"), nowNanoseconds: 0)
        http.record(request(.getItem, status: 200), table: http.table("users"))
        http.removeRetired(nowNanoseconds: 10 * minute)
        #expect(count("users") == ["2"])
        http.retire(http.table("users"), nowNanoseconds: 10 * minute)
        http.removeRetired(nowNanoseconds: 11 * minute)
        _ = http.table("users")
        #expect(count("users") == ["0"])
    }

    @Test("Dropping tables frees label values; the shared series are never removed")
    func room() {
        let http = HTTPMetrics(registry: registry, maximumTables: 1)
        let users = http.table("users")
        let shared = http.table("orders")
        http.retire(shared, nowNanoseconds: 0)
        http.retire(users, nowNanoseconds: 0)
        http.retire(users, nowNanoseconds: 0)
        http.removeRetired(nowNanoseconds: minute)
        #expect(http.table("products").label == "products")
        http.record(request(.getItem, status: 200), table: shared)
        #expect(count("__other__") == ["1"])
    }

    @Test("Creating and dropping tables repeatedly needs no additional slots")
    func churn() {
        let http = HTTPMetrics(registry: registry)
        var now: UInt64 = 0
        func round() {
            let table = http.table("t\(now)")
            http.record(request(.scanItems, status: 200), table: table)
            http.retire(table, nowNanoseconds: now)
            now += minute
            http.removeRetired(nowNanoseconds: now)
        }
        round()
        let slots = registry.slotCount
        for _ in 0..<50 { round() }
        #expect(registry.slotCount == slots)
    }
}
