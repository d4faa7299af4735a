import Base
import Cluster
import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite struct ConcurrencyTests {
    /// Runs closures on threads of their own, again and again, until `stop`.
    private final class ReaderThreads: Sendable {
        private let stopped = Mutex(false)
        private let counts = Mailbox<Int>(capacity: .max)

        func start(_ body: @escaping @Sendable () -> Void) {
            Thread.detachNewThread { [self] in
                var count = 0
                while count == 0 || !stopped.withLock({ $0 }) {
                    body()
                    count += 1
                }
                _ = counts.post(count, weight: 1)
            }
        }

        /// Stops the reader threads and returns when all of them, `threads` in number, have ended.
        func stop(threads: Int) {
            stopped.withLock { $0 = true }
            while counts.weight < threads { sched_yield() }
        }
    }

    @Test("Readers on other threads see only complete items, and never an older one, while the store writes")
    func readers() throws {
        let fixture = try StoreFixture()
        let users = try table("users")
        fixture.submit(users)
        let reader = fixture.store.reader
        let newest = Mutex(version(0))
        let threads = ReaderThreads()
        threads.start {
            let before = newest.withLock { $0 }
            guard let item = try? reader.read(users.id, itemKey("k")) else { return #expect(before == version(0)) }
            #expect(item.version >= before)
            #expect(item.value == Array("\(item.version.clock.rawValue)".utf8))
        }
        threads.start {
            let page = try? reader.page(PageRequest(table: users))
            #expect((page?.entries.count ?? 2) <= 1)
        }
        for round in 0..<50 as Range<UInt64> {
            let clocks = (1...20).map { round * 20 + $0 }
            let results = fixture.submit(clocks.map { put(users.id, "k", $0, "\($0)") })
            #expect(results.allSatisfy { $0 == .committed })
            newest.withLock { $0 = version(round * 20 + 20) }
            _ = fixture.store.peek(users.id, itemKey("k"))
        }
        threads.stop(threads: 2)
        #expect(fixture.store.summary(of: users.id).live == 1)
    }
}
