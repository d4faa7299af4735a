internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Reactor

/// Streams the answer to one scan: reads a page, sends it, and reads the next page when the socket has accepted the
/// bytes. Neither the table nor the answer is ever completely in memory, and writes are not blocked.
final class ScanResponse {
    /// A function that reads one page of a scan. It calls its completion once, and never before it returns.
    typealias Pages = (PageRequest, @escaping (Coordinator.PageAnswer) -> Void) -> Void

    /// The size in bytes of the pages in which a scan reads a table: large enough that the cost per request to the
    /// replicas is small.
    private static let pageBytes = 256 * 1024
    private static let pageEntries = 1000
    /// How long, in milliseconds, a running scan waits before it retries a read when the disk's queue is full.
    private static let retryMilliseconds: UInt64 = 20

    private let exchange: Exchange
    private let query: ScanQuery
    private let table: TableState
    private let loop: EventLoop
    private let pages: Pages
    private let failure: (Unavailable) -> Failure

    private var resumeAfter: [UInt8]?
    private var sentCount = 0
    private var hasStarted = false

    init(
        _ exchange: Exchange, _ query: ScanQuery, table: TableState, loop: EventLoop,
        failure: @escaping (Unavailable) -> Failure, pages: @escaping Pages
    ) {
        self.exchange = exchange
        self.query = query
        self.table = table
        self.loop = loop
        self.pages = pages
        self.failure = failure
        resumeAfter = query.after
    }

    func start() {
        guard exchange.head.method == .get else { return begin(finishing: []) }
        readPage()
    }

    /// Reads the next page of a scan. It requests one entry more than may be sent, to find out whether another page
    /// follows.
    private func readPage() {
        var request = PageRequest(table: table)
        request.prefix = query.prefix
        request.start = query.start
        request.end = query.end
        request.after = resumeAfter
        request.reverse = query.reverse
        request.keysOnly = query.keysOnly
        request.limit = min(Self.pageEntries, query.limit - sentCount + 1)
        request.maximumBytes = Self.pageBytes
        pages(request, pageRead)
    }

    private func pageRead(_ answer: Coordinator.PageAnswer) {
        guard exchange.isOpen else { return }
        switch answer {
        case .page(let page): send(page)
        case .unavailable(let unavailable) where hasStarted && unavailable.reason == .overloaded: readPageLater()
        case .noTable where hasStarted, .unavailable where hasStarted: exchange.cut()
        case .noTable: exchange.fail(.noSuchTable(exchange.context.tableName))
        case .unavailable(let unavailable): exchange.fail(failure(unavailable))
        }
    }

    /// Reads the next page of a scan after a delay. A short overload thus does not break an answer that has started.
    private func readPageLater() {
        let timer = Timer(loop: loop)
        timer.start(afterMilliseconds: Self.retryMilliseconds) { [self] in
            timer.close()
            if exchange.isOpen { readPage() }
        }
    }

    private func send(_ page: Page) {
        let room = query.limit - sentCount
        let entries = page.entries.prefix(room)
        var bytes: [UInt8] = []
        for entry in entries { append(entry, to: &bytes) }
        if let last = entries.last { resumeAfter = last.key.bytes }
        if page.entries.count > room { return begin(finishing: bytes, next: resumeAfter) }
        guard let next = page.next else { return begin(finishing: bytes) }
        resumeAfter = next.bytes
        begin()
        guard bytes.isEmpty || exchange.send(bytes) else {
            guard exchange.isOpen else { return }
            exchange.onWritable = { [self] in
                exchange.onWritable = nil
                readPage()
            }
            return
        }
        readPage()
    }

    private func append(_ entry: Page.Entry, to bytes: inout [UInt8]) {
        if sentCount > 0 { bytes.append(",") }
        sentCount += 1
        bytes.append(#"{"key":"#)
        bytes.appendJSONString(entry.key.bytes)
        if !query.keysOnly {
            bytes.append(#","item":"#)
            bytes.append(contentsOf: entry.item.value)
        }
        bytes.append("}")
    }

    private func begin() {
        guard !hasStarted else { return }
        hasStarted = true
        var fields: [UInt8] = []
        exchange.context.appendFields(to: &fields)
        exchange.startStream(status: .ok, fields: fields)
        _ = exchange.send(Array(#"{"items":["#.utf8))
    }

    private func begin(finishing bytes: [UInt8], next: [UInt8]? = nil) {
        begin()
        var end = bytes
        end.append(#"],"count":"#)
        end.appendDecimal(sentCount)
        if let next {
            end.append(#","next":""#)
            ScanCursor(key: next).append(to: &end)
            end.append("\"")
        }
        end.append("}\n")
        _ = exchange.send(end)
        exchange.finishStream()
    }
}

extension API {
    func handleScan(_ exchange: Exchange, _ context: RequestContext, table: Range<Int>) throws(Failure) {
        let table = try self.table(table, exchange, context)
        let query = try ScanQuery(query(exchange.head))
        let response = ScanResponse(
            exchange, query, table: table.state, loop: node.loop, failure: { [self] in failure($0, .read) }
        ) { [member = node.member] request, completion in
            member.page(request, trace: context.requestTrace, completion: completion)
        }
        response.start()
    }
}
