/* Traps before main: a constructor divides by zero. What a debugger has of a plugin that never comes to its `main`. */

static volatile int zero;
static int share;

__attribute__((constructor)) static void set_up(void) {
  int whole = 7;
  share = whole / zero; /* trap: integer divide by zero */
}

int main(void) { return share; }
