#ifndef DINO_CClosure_H
#define DINO_CClosure_H

/* A Swift closure in its caller's stack frame, which other threads can call there. Swift itself
   can store a closure only if it escapes, in a box on the heap. */
typedef struct {
  const void *function;
  const void *context;
} dino_closure;

/* Calls a closure (Int, Int) -> Void that `dino_closure_lend` stored in *closure. Any thread may
   call it, as long as the function that received the closure has not returned. */
void dino_closure_call(const dino_closure *closure, long first, long second);

#endif
