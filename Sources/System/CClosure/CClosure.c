#include "CClosure.h"

#if !__has_attribute(swiftcall)
#error "this needs clang, which knows how Swift calls functions"
#endif

/* Swift passes a closure as two arguments, a function and a context. The function expects the
   context in the register that Swift's calling convention reserves for it. */
typedef __attribute__((swiftcall)) void body(
    long first, long second, __attribute__((swift_context)) const void *context);

/* Stores a closure in *place. Swift declares this function itself, as one that takes a closure. */
__attribute__((swiftcall)) void dino_closure_lend(
    dino_closure *place, const void *function, const void *context) {
  place->function = function;
  place->context = context;
}

void dino_closure_call(const dino_closure *closure, long first, long second) {
  ((body *)closure->function)(first, second, closure->context);
}
