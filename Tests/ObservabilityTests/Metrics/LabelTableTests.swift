@testable import Observability
import Testing

@Suite struct LabelTableTests {
    private static func ordinals<Label: LabelValue>(_ label: Label.Type) -> [Int] { label.allCases.map(\.ordinal) }

    @Test("Each case of a label knows its position without a search")
    func ordinals() {
        #expect(Self.ordinals(RequestOperation.self) == Array(0..<RequestOperation.allCases.count))
        #expect(Self.ordinals(RequestMethod.self) == Array(0..<8))
        #expect(Self.ordinals(StatusClass.self) == Array(0..<6))
        #expect(Self.ordinals(ItemOperation.self) == Array(0..<3))
    }

    @Test("A table has one element for each label value, made in order")
    func elements() {
        var made: [String] = []
        let table = LabelTable<StatusClass, String> { status in
            made.append(status.rawValue)
            return status.rawValue
        }
        #expect(made == ["1xx", "2xx", "3xx", "4xx", "5xx", "501"])
        #expect(StatusClass.allCases.allSatisfy { table[$0] == $0.rawValue })
    }
}
