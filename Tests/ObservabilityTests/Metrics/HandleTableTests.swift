@testable import Observability
import Testing

@Suite struct HandleTableTests {
    @Test("A place is empty until a handle is stored; removing all handles returns them in order")
    func places() {
        let table = HandleTable<Int32>(count: 3)
        #expect((0..<3).map { table[$0] } == [nil, nil, nil])
        table[2] = 7
        table[0] = 5
        #expect((0..<3).map { table[$0] } == [5, nil, 7])
        #expect(table.removeAll() == [5, 7])
        #expect((0..<3).map { table[$0] } == [nil, nil, nil])
    }
}
