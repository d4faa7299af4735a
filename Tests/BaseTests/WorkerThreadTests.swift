import Base
import Testing

@Suite struct WorkerThreadTests {
    @Test("The work runs once on another thread and has ended when join returns")
    func runs() throws {
        let results = Mailbox<Int>(capacity: 10)
        let thread = try #require(WorkerThread { _ = results.post(42, weight: 1) })
        thread.join()
        var batch: [Int] = []
        #expect(results.takeAll(into: &batch))
        #expect(batch == [42])
    }

    @Test("A sleeping consumer is woken by a post and by close")
    func wakes() throws {
        let requests = Mailbox<Int>(capacity: 10)
        let replies = Mailbox<Int>(capacity: 10)
        let thread = try #require(
            WorkerThread {
                var batch: [Int] = []
                while requests.takeAll(into: &batch) {
                    for request in batch { _ = replies.post(request + 1, weight: 1) }
                }
                replies.close()
            })
        var batch: [Int] = []
        for request in 1...100 {
            #expect(requests.post(request, weight: 1))
            #expect(replies.takeAll(into: &batch))
            #expect(batch == [request + 1])
        }
        requests.close()
        #expect(!replies.takeAll(into: &batch))
        thread.join()
    }

    @Test("A wait with a timeout returns at the timeout, or earlier with the elements")
    func bounded() {
        let mailbox = Mailbox<Int>(capacity: 10)
        var batch: [Int] = []
        #expect(mailbox.takeAll(into: &batch, waitingAtMostMilliseconds: 1) == .timedOut)
        #expect(mailbox.post(7, weight: 1))
        #expect(mailbox.takeAll(into: &batch, waitingAtMostMilliseconds: 60_000) == .elements)
        #expect(batch == [7])
        mailbox.close()
        #expect(mailbox.takeAll(into: &batch, waitingAtMostMilliseconds: 60_000) == .closed)
    }
}
