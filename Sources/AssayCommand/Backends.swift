// The backends by the names that the command line and the reports use.

import ArgumentParser
import Core
import OpenBLASBackend
import Oracle

/// A backend that can be named on the command line.
enum BackendName: String, CaseIterable, ExpressibleByArgument {
  case reference, openblas

  /// The backend and the rounding errors it is allowed.
  var audited: AuditedBackend {
    switch self {
    case .reference: AuditedBackend(ReferenceBackend(), model: .reference)
    case .openblas: AuditedBackend(OpenBLASBackend(), model: .openBLAS)
    }
  }
}

/// A floating dtype that can be named on the command line.
enum FloatName: String, CaseIterable, ExpressibleByArgument {
  case f32, f64

  var dtype: DType {
    switch self {
    case .f32: .f32
    case .f64: .f64
    }
  }
}
