import Base
import Testing

@Suite struct MailboxTests {
    @Test("All waiting elements are taken at once, in order")
    func order() {
        let mailbox = Mailbox<Int>(capacity: 10)
        for value in 1...3 { #expect(mailbox.post(value, weight: 1)) }
        var batch: [Int] = []
        #expect(mailbox.takeAll(into: &batch))
        #expect(batch == [1, 2, 3])
        #expect(mailbox.weight == 0)
    }

    @Test("A post beyond the capacity is rejected and keeps nothing")
    func bounded() {
        let mailbox = Mailbox<Int>(capacity: 10)
        #expect(mailbox.post(1, weight: 8))
        #expect(!mailbox.post(2, weight: 3))
        #expect(mailbox.post(3, weight: 2))
        var batch: [Int] = []
        #expect(mailbox.takeAll(into: &batch))
        #expect(batch == [1, 3])
    }

    @Test("Waiting elements can be taken without blocking, even if there are none")
    func withoutBlocking() {
        let mailbox = Mailbox<Int>(capacity: 10)
        var batch = [7]
        mailbox.takeWaiting(into: &batch)
        #expect(batch.isEmpty)
        for value in 1...3 { #expect(mailbox.post(value, weight: 3)) }
        mailbox.takeWaiting(into: &batch)
        #expect(batch == [1, 2, 3] && mailbox.weight == 0)
    }

    @Test("A closed mailbox returns its remaining elements, then ends")
    func closing() {
        let mailbox = Mailbox<Int>(capacity: 10)
        #expect(mailbox.post(1, weight: 1))
        mailbox.close()
        #expect(!mailbox.post(2, weight: 1))
        var batch: [Int] = []
        #expect(mailbox.takeAll(into: &batch))
        #expect(batch == [1])
        #expect(!mailbox.takeAll(into: &batch))
    }
}
