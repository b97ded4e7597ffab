// How many times the predicted drift an honest run may be off, for a stated probability of false alarm.
//
// Let e be the deviation of an honest run and e₁ … e_M those of M simulated ones (DriftEnsemble.swift),
// σ̂² = Σ ‖eⱼ‖² / M. If e = A ξ with independent ξ whose moments are at most those of a unit normal
// (errors bounded by c, mean zero: Hoeffding's lemma), and eⱼ = A gⱼ with normal gⱼ, then for 0 < h < 1
//   P(‖e‖ > t σ̂) ≤ E exp(h (‖e‖² − t² σ̂²) / 2S) ≤ Πᵢ (1 − h λᵢ)^(−½) (1 + h t² λᵢ / M)^(−M/2),
// S the trace of A Aᵀ and λᵢ its eigenvalues over S (Markov; exp(‖e‖² h/2S) is the mean of exp(⟨e, g⟩ √(h/S))
// over a normal g, where e may be replaced by A g). The logarithm of each factor is convex in λᵢ and 0 at
// 0, and Σ λᵢ = 1, so that the product is largest for one λ = 1. The best h is M (t² − 1)/((M + 1) t²):
//   P(‖e‖ > t σ̂) ≤ t ((M + 1)/(M + t²))^((M + 1)/2),  t > 1.
// It holds for a single number as for a whole vector, however its elements depend on one another.

import Foundation

/// The bound above.
package func falseAlarmProbability(_ t: Double, samples: Int) -> Double {
  let m = Double(samples)
  return t <= 1 ? 1 : exp(log(t) + (m + 1) / 2 * log((m + 1) / (m + t * t)))
}

/// The least factor t whose false alarms are no likelier than `probability`.
package func falseAlarmFactor(_ probability: Double, samples: Int) -> Double {
  var (low, high) = (1.0, 2.0)
  while falseAlarmProbability(high, samples: samples) > probability { high *= 2 }
  // The bound falls monotonically from 1 at t = 1.
  for _ in 0..<60 {
    let middle = (low + high) / 2
    if falseAlarmProbability(middle, samples: samples) > probability {
      low = middle
    } else {
      high = middle
    }
  }
  return high
}
