// libuv keeps one `void *` for each handle and request and passes it to C callbacks, which cannot capture anything.
// The ownership rule of this module:
//
// - A handle keeps itself alive from its init to its close callback, and a request from its start to its completion
//   callback: `retainedPointer` takes that reference and `takeOwner` releases it, each exactly once.
// - A callback in between borrows the object with `owner`.
// - The C memory of a handle is freed in the deinit of its Swift object. By the first point that is after the close
//   callback, when libuv no longer uses the memory.
// - A C callback is one line: it finds the owner and calls the method that asserts the state.
//
// `Unmanaged` is used in this file only.

func retainedPointer(to object: AnyObject) -> UnsafeMutableRawPointer {
    Unmanaged.passRetained(object).toOpaque()
}

/// Returns a pointer that does not keep `object` alive, for an object that lives longer than the pointer: the event
/// loop, which embeds two handles.
func borrowedPointer(to object: AnyObject) -> UnsafeMutableRawPointer {
    Unmanaged.passUnretained(object).toOpaque()
}

func owner<Owner: AnyObject>(_ pointer: UnsafeMutableRawPointer?, as type: Owner.Type = Owner.self) -> Owner {
    guard let pointer else { preconditionFailure("libuv called back for a handle or request without an owner") }
    return Unmanaged<Owner>.fromOpaque(pointer).takeUnretainedValue()
}

func takeOwner<Owner: AnyObject>(_ pointer: UnsafeMutableRawPointer?, as type: Owner.Type = Owner.self) -> Owner {
    guard let pointer else { preconditionFailure("libuv called back for a handle or request without an owner") }
    return Unmanaged<Owner>.fromOpaque(pointer).takeRetainedValue()
}
