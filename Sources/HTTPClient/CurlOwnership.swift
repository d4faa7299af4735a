// curl keeps `void *`s for the multi handle and for each transfer, and hands them to C functions that capture nothing.
// The rule, for the whole module: curl only ever borrows.
//
// - A `CurlLoop` outlives its multi handle, which it cleans up in `close`; no callback comes after that.
// - A running `Transfer` is held by the client's table from before its easy handle is added until after that is
//   removed; no callback comes after that either.
// - A C callback is one line: find the owner, call the method.
//
// `Unmanaged` is used in this file only.

func borrowedPointer(to object: AnyObject) -> UnsafeMutableRawPointer {
    Unmanaged.passUnretained(object).toOpaque()
}

func owner<Owner: AnyObject>(_ pointer: UnsafeMutableRawPointer?, as type: Owner.Type = Owner.self) -> Owner {
    guard let pointer else { preconditionFailure("curl called back without saying for whom") }
    return Unmanaged<Owner>.fromOpaque(pointer).takeUnretainedValue()
}
