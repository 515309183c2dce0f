#ifndef DINO_COpenBLAS_H
#define DINO_COpenBLAS_H
#include <cblas.h>

/* Workers of our own split the rows; OpenBLAS computes on the thread that calls it. */
static inline void dino_blas_single_threaded(void) { openblas_set_num_threads(1); }

/* LAPACK's symmetric eigenvalue solver, which OpenBLAS carries but cblas.h does not declare. */
extern void ssyev_(const char *jobz, const char *uplo, const int *n, float *a, const int *lda,
                   float *w, float *work, const int *lwork, int *info, unsigned long, unsigned long);

/* Eigenvalues, rising, of a symmetric matrix [n, n], which is destroyed. work: at least 3n. */
static inline int dino_eigenvalues(int n, float *a, float *eigenvalues, float *work, int lwork) {
  int info = 0;
  ssyev_("N", "U", &n, a, &n, eigenvalues, work, &lwork, &info, 1, 1);
  return info;
}

/* The same; row i of `a` becomes the eigenvector of the i-th eigenvalue. */
static inline int dino_eigenvectors(int n, float *a, float *eigenvalues, float *work, int lwork) {
  int info = 0;
  ssyev_("V", "U", &n, a, &n, eigenvalues, work, &lwork, &info, 1, 1);
  return info;
}
#endif
