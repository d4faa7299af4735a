import Cluster
import Testing

@Suite struct CatalogTests {
    private let users: TableName

    init() throws {
        users = try TableName(validating: Array("users".utf8))
    }

    @Test("A table that is created again has a higher generation and another id")
    func generations() throws {
        var catalog = Catalog()
        let first = try catalog.creating(users, nowMilliseconds: 1)
        catalog.merge(first)
        catalog.merge(try #require(catalog.deleting(users)))
        #expect(catalog.live(users) == nil)
        let second = try catalog.creating(users, nowMilliseconds: 2)
        #expect(second.generation == 2)
        #expect(second.id != first.id)
    }

    @Test("Creating a table that exists is rejected")
    func exists() throws {
        var catalog = Catalog()
        catalog.merge(try catalog.creating(users, nowMilliseconds: 1))
        #expect(throws: Catalog.CreateError.exists) { try catalog.creating(users, nowMilliseconds: 2) }
    }

    @Test("An older table state never replaces a newer one, in whichever order they arrive")
    func mergeOrder() throws {
        let live = TableState(name: users, generation: 1, isDeleted: false, createdAtMilliseconds: 1)
        let deleted = TableState(name: users, generation: 1, isDeleted: true, createdAtMilliseconds: 1)
        let again = TableState(name: users, generation: 2, isDeleted: false, createdAtMilliseconds: 2)
        for order in [[live, deleted, again], [again, deleted, live], [deleted, again, live]] {
            let catalog = Catalog(order)
            #expect(catalog.live(users) == again)
            #expect(catalog.liveIDs == [again.id])
        }
    }

    @Test("A table name consists of 1 to 128 letters, digits, underscores, dots and dashes")
    func names() {
        #expect(throws: NameError.empty) { try TableName(validating: []) }
        #expect(throws: NameError.tooLong(bytes: 129)) {
            try TableName(validating: [UInt8](repeating: UInt8(ascii: "a"), count: 129))
        }
        #expect(throws: NameError.notAllowed(byte: UInt8(ascii: "/"))) {
            try TableName(validating: Array("a/b".utf8))
        }
    }
}
