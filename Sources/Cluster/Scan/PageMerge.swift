/// Merges one page from each of several members into one page of the whole cluster.
///
/// The result contains the newest version of each key, without tombstones. A page that is not the last of its member
/// says nothing about keys after its end, so the merged page ends at the fence: the earliest of these ends in scan
/// order. [Beyond the fence, a member with more rows may hold a newer version or the tombstone of a key that another
/// member returned.] The work per page is bounded, so a page may be empty and still have a `next`.
enum PageMerge {
    /// Merges pages that members have returned for `request`. Requires: each page's entries are sorted and within the
    /// requested range.
    static func merge(_ pages: [Page], for request: PageRequest) -> Page {
        let order = WalkOrder(reverse: request.reverse)
        let fence = pages.compactMap(\.next).min(by: order.precedes)
        var live = allEntries(pages, order)
        if let fence, let beyond = firstIndex(behind: fence, in: live, order) { live.removeSubrange(beyond...) }
        live.removeAll(where: \.item.isTombstone)
        let limit = max(request.limit, 1)
        guard live.count > limit else { return Page(entries: live, next: fence) }
        return Page(entries: Array(live[..<limit]), next: live[limit - 1].key)
    }

    /// Merges the pages pairwise, so that each entry takes part in a logarithmic number of merges.
    private static func allEntries(_ pages: [Page], _ order: WalkOrder) -> [Page.Entry] {
        var lists = pages.map(\.entries)
        while lists.count > 1 {
            lists = stride(from: 0, to: lists.count, by: 2).map { index in
                index + 1 < lists.count ? newest(lists[index], lists[index + 1], order) : lists[index]
            }
        }
        return lists.first ?? []
    }

    private static func newest(_ left: [Page.Entry], _ right: [Page.Entry], _ order: WalkOrder) -> [Page.Entry] {
        var merged: [Page.Entry] = []
        merged.reserveCapacity(left.count + right.count)
        var (inLeft, inRight) = (0, 0)
        while inLeft < left.count, inRight < right.count {
            let (one, other) = (left[inLeft], right[inRight])
            if one.key == other.key {
                merged.append(one.item.supersedes(other.item) ? one : other)
                inLeft += 1
                inRight += 1
            } else if order.precedes(one.key, other.key) {
                merged.append(one)
                inLeft += 1
            } else {
                merged.append(other)
                inRight += 1
            }
        }
        merged += left[inLeft...]
        merged += right[inRight...]
        return merged
    }

    private static func firstIndex(behind fence: ItemKey, in entries: [Page.Entry], _ order: WalkOrder) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if order.precedes(fence, entries[middle].key) { high = middle } else { low = middle + 1 }
        }
        return low < entries.count ? low : nil
    }
}

/// The direction of a scan: ascending or descending keys.
struct WalkOrder {
    let reverse: Bool

    func precedes(_ left: ItemKey, _ right: ItemKey) -> Bool {
        reverse ? right < left : left < right
    }
}

extension StoredItem {
    /// Whether this item replaces `other`. Equal versions normally have equal values; if a disk fault broke that, all
    /// nodes still make the same choice.
    fileprivate func supersedes(_ other: StoredItem) -> Bool {
        if version != other.version { return version > other.version }
        return value == other.value || checksum > other.checksum
    }
}

extension Page {
    /// Whether this page is a valid answer to `request`: sorted, and within the range. Pages of peers are checked
    /// before use, because an invalid one could make a scan endless or repeat a key.
    func isProper(for request: PageRequest) -> Bool {
        let order = WalkOrder(reverse: request.reverse)
        let range = KeyRange(of: request)
        var keys = entries.map(\.key)
        if let next, next != keys.last { keys.append(next) }
        guard let first = keys.first, let last = keys.last else { return true }
        guard range.contains(first), range.contains(last) else { return false }
        return zip(keys, keys.dropFirst()).allSatisfy(order.precedes)
    }
}
