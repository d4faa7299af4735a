// libuv keeps one `void *` for each handle and request, and hands it back to a C function that captures nothing.
// The rule, for the whole module:
//
// - A handle keeps itself alive from its init to its close callback, a request from its start to its completion
//   callback: `retainedPointer` takes that reference, `takeOwner` gives it back, each exactly once.
// - A callback in between borrows with `owner`.
// - The C memory of a handle is freed when its Swift object dies, which by the first point cannot be before the
//   close callback; libuv has let go of it then.
// - A C callback is one line: find the owner, call the method that asserts the state.
//
// `Unmanaged` is used in this file only.

func retainedPointer(to object: AnyObject) -> UnsafeMutableRawPointer {
    Unmanaged.passRetained(object).toOpaque()
}

/// For an object that outlives the pointer by other means; used by the loop for the two handles it embeds.
func borrowedPointer(to object: AnyObject) -> UnsafeMutableRawPointer {
    Unmanaged.passUnretained(object).toOpaque()
}

func owner<Owner: AnyObject>(_ pointer: UnsafeMutableRawPointer?, as type: Owner.Type = Owner.self) -> Owner {
    guard let pointer else { preconditionFailure("libuv called back for a handle or request that has no owner") }
    return Unmanaged<Owner>.fromOpaque(pointer).takeUnretainedValue()
}

func takeOwner<Owner: AnyObject>(_ pointer: UnsafeMutableRawPointer?, as type: Owner.Type = Owner.self) -> Owner {
    guard let pointer else { preconditionFailure("libuv called back for a handle or request that has no owner") }
    return Unmanaged<Owner>.fromOpaque(pointer).takeRetainedValue()
}
