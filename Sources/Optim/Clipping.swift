// Bounds on updates.
//
// By the norm of all leaves together: Pascanu et al. 2013, "On the difficulty of training recurrent
// neural networks", arXiv:1211.5063. Rule OX-06.

import Core
import Tree

/// u ← u if ‖u‖ < max, else (u / ‖u‖) · max, ‖u‖ over all leaves.
public struct ClipByGlobalNorm: StatelessTransformation {
  let maxNorm: Hyperparameter

  /// Updates of a norm that is at most max.
  public func update(_ updates: Updates, _ parameters: Updates?) throws -> Updates {
    let norm = try globalNorm(updates)
    let isInside = try less(norm, maxNorm.tensor(norm.dtype))
    return try updates.map { u in
      try selectN(isInside, [(u / norm.asType(u.dtype)) * maxNorm, u])
    }
  }
}

/// u ← u if ‖u‖ < max, else (u / ‖u‖) · max.
public func clipByGlobalNorm(_ maxNorm: Hyperparameter) -> ClipByGlobalNorm {
  ClipByGlobalNorm(maxNorm: maxNorm)
}
