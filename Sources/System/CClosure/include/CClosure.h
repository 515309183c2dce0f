#ifndef DINO_CClosure_H
#define DINO_CClosure_H

/* A Swift closure that stays where its caller keeps it, on the stack, while other threads call it.
   Swift itself hands out a closure that does not escape in a box on the heap alone. */
typedef struct {
  const void *function;
  const void *context;
} dino_closure;

/* Calls a closure (Int, Int) -> Void that `dino_closure_lend` was given, on any thread. */
void dino_closure_call(const dino_closure *closure, long first, long second);

#endif
