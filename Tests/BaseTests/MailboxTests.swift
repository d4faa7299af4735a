import Base
import Testing

@Suite struct MailboxTests {
    @Test("What waits is taken at once, in order")
    func order() {
        let mailbox = Mailbox<Int>(capacity: 10)
        for value in 1...3 { #expect(mailbox.post(value, weight: 1)) }
        var batch: [Int] = []
        #expect(mailbox.takeAll(into: &batch))
        #expect(batch == [1, 2, 3])
        #expect(mailbox.weight == 0)
    }

    @Test("A post past the capacity is refused and leaves nothing behind")
    func bounded() {
        let mailbox = Mailbox<Int>(capacity: 10)
        #expect(mailbox.post(1, weight: 8))
        #expect(!mailbox.post(2, weight: 3))
        #expect(mailbox.post(3, weight: 2))
        var batch: [Int] = []
        #expect(mailbox.takeAll(into: &batch))
        #expect(batch == [1, 3])
    }

    @Test("What waits can be taken without sleeping, be it nothing")
    func whatWaits() {
        let mailbox = Mailbox<Int>(capacity: 10)
        var batch = [7]
        mailbox.takeWhatWaits(into: &batch)
        #expect(batch.isEmpty)
        for value in 1...3 { #expect(mailbox.post(value, weight: 3)) }
        mailbox.takeWhatWaits(into: &batch)
        #expect(batch == [1, 2, 3] && mailbox.weight == 0)
    }

    @Test("A closed mailbox gives what it holds, then ends")
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
