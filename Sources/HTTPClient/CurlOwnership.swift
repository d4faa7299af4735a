// curl keeps `void *`s for the multi handle and for each transfer and passes them to C callbacks, which cannot capture
// anything. The ownership rule of this module: curl only borrows these objects.
//
// - A `CurlLoop` outlives its multi handle, which it cleans up in `close`; no callback follows.
// - The client's table holds a running `Transfer` from before its easy handle is added until after the handle is
//   removed; no callback follows.
// - A C callback is one line: it finds the owner and calls a method.
//
// `Unmanaged` is used in this file only.

func borrowedPointer(to object: AnyObject) -> UnsafeMutableRawPointer {
    Unmanaged.passUnretained(object).toOpaque()
}

func owner<Owner: AnyObject>(_ pointer: UnsafeMutableRawPointer?, as type: Owner.Type = Owner.self) -> Owner {
    guard let pointer else { preconditionFailure("curl called back without an owner") }
    return Unmanaged<Owner>.fromOpaque(pointer).takeUnretainedValue()
}
