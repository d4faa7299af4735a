import Cluster
import Testing

@Suite struct KeyPlaceTests {
    @Test("The partition and leaf of a key never change: they are part of the storage format", arguments: [
        ("user:1", 256, 59, 1), ("a", 256, 230, 31), ("🦔", 1, 0, 55), ("order/42", 4096, 2757, 39),
    ] as [(String, Int, PartitionID, UInt8)])
    func frozen(key: String, partitions: Int, partition: PartitionID, leaf: UInt8) {
        let place = KeyPlace(key: ItemKey(stored: Array(key.utf8)), partitions: partitions)
        #expect(place.partition == partition)
        #expect(place.leaf == leaf)
    }

    @Test("Ten thousand keys fill every partition and leaf evenly")
    func even() {
        var partitions = [Int](repeating: 0, count: 16)
        var leaves = [Int](repeating: 0, count: KeyPlace.leavesPerPartition)
        for number in 0..<10_000 {
            let place = KeyPlace(key: ItemKey(stored: Array("key-\(number)".utf8)), partitions: 16)
            partitions[place.partition] += 1
            leaves[Int(place.leaf)] += 1
        }
        #expect(partitions.allSatisfy { (500...750).contains($0) })
        #expect(leaves.allSatisfy { (90...230).contains($0) })
    }
}
