/// How centroids are made and compared.
package enum ClusterKind: Sendable {
  /// The mean; a vector belongs to the centroid at the smallest distance.
  case euclidean
  /// The mean scaled to length 1; a vector belongs to the centroid with the largest dot product.
  /// For unit vectors.
  case spherical
}
