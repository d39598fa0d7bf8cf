// A plugin in C whose functions hold values of every kind, for what a debugger shows of them.
//
// One request is read; its method names the function, which ends in stop_here(), where its variables are all alive. The answer is null.
// A comment behind a variable says what a debugger shows of it there: `// view: name = text`.

#include <complex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

// Where a test breaks.
__attribute__((noinline)) void stop_here(void) { __asm__ volatile(""); }

// Keeps a variable alive, and in memory, until here.
#define KEEP(variable) __asm__ volatile("" : : "r"(&(variable)) : "memory")

static void integers(void) {
  char letter = 'a';                                  // view: letter = 'a'
  signed char smallest_char = -128;                   // view: smallest_char = '\x80'
  unsigned char largest_byte = 255;                   // view: largest_byte = '\xff'
  short smallest_short = INT16_MIN;                   // view: smallest_short = -32768
  unsigned short largest_ushort = UINT16_MAX;         // view: largest_ushort = 65535
  int minus_one = -1;                                 // view: minus_one = -1
  unsigned int largest_uint = UINT32_MAX;             // view: largest_uint = 4294967295
  long smallest_long = INT32_MIN;                     // view: smallest_long = -2147483648
  unsigned long largest_ulong = UINT32_MAX;           // view: largest_ulong = 4294967295
  long long smallest_llong = INT64_MIN;               // view: smallest_llong = -9223372036854775808
  unsigned long long largest_ullong = UINT64_MAX;     // view: largest_ullong = 18446744073709551615
  __int128 wide = -((__int128)1 << 100);              // view: wide = -1267650600228229401496703205376
  uint8_t of_8 = 8;                                   // view: of_8 = '\b'
  int16_t of_16 = -16;                                // view: of_16 = -16
  uint64_t beyond_doubles = 9007199254740993;         // view: beyond_doubles = 9007199254740993
  size_t size = sizeof(int);                          // view: size = 4
  _Bool yes = 1;                                      // view: yes = true
  bool no = false;                                    // view: no = false
  const int constant = 17;                            // view: constant = 17
  volatile unsigned changing = 18;                    // view: changing = 18
  wchar_t wide_letter = L'é';
  stop_here(); // stop: integers
  KEEP(letter); KEEP(smallest_char); KEEP(largest_byte); KEEP(smallest_short); KEEP(largest_ushort);
  KEEP(minus_one); KEEP(largest_uint); KEEP(smallest_long); KEEP(largest_ulong); KEEP(smallest_llong);
  KEEP(largest_ullong); KEEP(wide); KEEP(of_8); KEEP(of_16); KEEP(beyond_doubles); KEEP(size);
  KEEP(yes); KEEP(no); KEEP(constant); KEEP(changing); KEEP(wide_letter);
}

static void floats(void) {
  float half = 0.5f;                                  // view: half = 0.5
  double tenth = 0.1;                                 // view: tenth = 0.1
  double not_a_number = __builtin_nan("");            // view: not_a_number = nan
  float infinite = -__builtin_inff();                 // view: infinite = -inf
  double large = 1e300;                               // view: large = 1e300
  long double longest = 1.5L;                         // view: longest = 1.5
  double _Complex imaginary = 1.0 + 2.0 * I;
  stop_here(); // stop: floats
  KEEP(half); KEEP(tenth); KEEP(not_a_number); KEEP(infinite); KEEP(large); KEEP(longest); KEEP(imaginary);
}

static void strings(void) {
  const char *literal = "hello";                      // view: literal = "hello"
  const char *empty = "";                             // view: empty = ""
  const char *unicode = "h\xc3\xa9llo";               // view: unicode = "héllo"
  const char *escapes = "a \"quoted\"\n\t\\";         // view: escapes = "a \"quoted\"\n\t\\"
  const char *null = NULL;                            // view: null = NULL
  char array[8] = "abc";                              // view: array = "abc"
  char full[3] = {'x', 'y', 'z'};                     // view: full = "xyz"
  char bad[4] = {(char)0xff, (char)0xfe, 'a', 0};
  char *in_array = array + 1;                         // view: in_array = "bc"
  const char *several[] = {"one", "two", NULL};       // view: several = {"one", "two", NULL}
  const wchar_t *wide = L"wide";
  unsigned char bytes[4] = {1, 2, 3, 255};
  stop_here(); // stop: strings
  KEEP(literal); KEEP(empty); KEEP(unicode); KEEP(escapes); KEEP(null); KEEP(array); KEEP(full);
  KEEP(bad); KEEP(in_array); KEEP(several); KEEP(wide); KEEP(bytes);
}

static void arrays(void) {
  int numbers[3] = {1, 2, 3};                         // view: numbers = {1, 2, 3}
  int matrix[2][3] = {{1, 2, 3}, {4, 5, 6}};          // view: matrix = {{1, 2, 3}, {4, 5, 6}}
  short cube[2][2][2] = {{{1, 2}, {3, 4}}, {{5, 6}, {7, 8}}};
  double one[1] = {2.5};                              // view: one = {2.5}
  unsigned large[1000] = {[999] = 7};
  int *pointers[2] = {&numbers[0], NULL};
  bool flags[2] = {true, false};                      // view: flags = {true, false}
  stop_here(); // stop: arrays
  KEEP(numbers); KEEP(matrix); KEEP(cube); KEEP(one); KEEP(large); KEEP(pointers); KEEP(flags);
}

__attribute__((noinline)) static void sized(int count, int with_bound[count]) {
  int line[count];                                    // view: line = {0, 1, 4}
  short grid[count][2];                               // view: grid = {{0, 1}, {2, 3}, {4, 5}}
  char text[count * 2];                               // view: text = "vla"
  long long turned[2][count];                         // view: turned = {{7, 7, 7}, {7, 7, 7}}
  for (int index = 0; index < count; index++) {
    line[index] = index * index;
    grid[index][0] = (short)(2 * index);
    grid[index][1] = (short)(2 * index + 1);
    turned[0][index] = turned[1][index] = 7;
  }
  strcpy(text, "vla");
  stop_here(); // stop: sized
  KEEP(line); KEEP(grid); KEEP(text); KEEP(turned); KEEP(with_bound); KEEP(count);
}

static void sized_arrays(void) {
  int three = 3;
  int bound[3] = {1, 2, 3};
  sized(three, bound);
}

struct point {
  int x, y;
};

typedef struct {
  struct point from, to;
} segment;

struct user {
  uint64_t id;
  const char *name;
  bool active;
  struct {
    int major, minor;
  } version;
  struct { // its members are the outer struct's
    short low, high;
  };
  union {
    int number;
    float real;
  };
};

struct bits {
  unsigned first : 1;
  unsigned second : 3;
  int negative : 4;
  unsigned : 4;
  unsigned wide : 20;
  uint64_t long_bits : 33;
  bool flag : 1;
};

struct __attribute__((packed)) packed {
  char tag;
  int number;
};

struct node {
  int value;
  struct node *next;
};

struct opaque;

struct flexible {
  unsigned count;
  int items[];
};

struct named {
  unsigned char length;
  char text[];
};

struct empty {};

static void structs(void) {
  struct point point = {-3, 4};                       // view: point = {x = -3, y = 4}
  segment line = {{0, 0}, {1, 1}};                    // view: line = {from = {x = 0, y = 0}, to = {x = 1, y = 1}}
  struct user user = {1, "Ada", true, {1, 2}, {3, 4}, {5}};
  struct bits bits = {1, 5, -8, 0xfffff, 0x1ffffffffULL, true}; // view: bits = {first = 1, second = 5, negative = -8, wide = 1048575, long_bits = 8589934591, flag = true}
  struct packed packed = {'p', 0x01020304};           // view: packed = {tag = 'p', number = 16909060}
  struct node last = {2, NULL}, first = {1, &last};
  struct node circle = {3, &circle};
  struct opaque *opaque = (struct opaque *)&point;
  struct point points[2] = {{1, 2}, {3, 4}};          // view: points = {{x = 1, y = 2}, {x = 3, y = 4}}
  struct point *to_struct = &points[1];
  static struct flexible flexible = {2, {10, 20}};
  static struct named named = {3, {"end"}};
  struct empty empty;
  stop_here(); // stop: structs
  KEEP(point); KEEP(line); KEEP(user); KEEP(bits); KEEP(packed); KEEP(first); KEEP(circle); KEEP(opaque);
  KEEP(points); KEEP(to_struct); KEEP(flexible); KEEP(named); KEEP(empty);
}

union number {
  uint32_t bits;
  float real;
  uint8_t bytes[4];
};

struct tagged {
  enum { OF_INT, OF_TEXT } kind;
  union {
    int number;
    const char *text;
  } as;
};

static void unions(void) {
  union number one = {.real = 1.0f};
  struct tagged number = {OF_INT, {.number = 5}};
  struct tagged text = {OF_TEXT, {.text = "five"}};
  stop_here(); // stop: unions
  KEEP(one); KEEP(number); KEEP(text);
}

enum color { RED, GREEN, BLUE = 10 };
typedef enum { LOW = -5, HIGH = 5 } level;
enum wide { SMALL = 1, HUGE_ONE = 0x100000000LL };
enum flags { READ = 1, WRITE = 2, EXECUTE = 4 };

static void enums(void) {
  enum color green = GREEN;                           // view: green = GREEN
  enum color blue = BLUE;                             // view: blue = BLUE
  enum color none = (enum color)99;                   // view: none = 99
  level low = LOW;                                    // view: low = LOW
  enum wide huge = HUGE_ONE;                          // view: huge = HUGE_ONE
  enum flags both = (enum flags)(READ | WRITE);       // view: both = READ | WRITE
  enum color several[2] = {RED, BLUE};                // view: several = {RED, BLUE}
  stop_here(); // stop: enums
  KEEP(green); KEEP(blue); KEEP(none); KEEP(low); KEEP(huge); KEEP(both); KEEP(several);
}

typedef int (*binary)(int, int);
typedef unsigned identifier;
typedef identifier alias;
typedef const struct point *points;

__attribute__((noinline)) static int sum(int left, int right) {
  int result = left + right;
  return result;
}

__attribute__((noinline)) static int difference(int left, int right) { return left - right; }

struct operations {
  binary first;
  int (*second)(int, int);
  void (*nothing)(void);
};

static void pointers(void) {
  int number = 42;
  int *pointer = &number;
  int **twice = &pointer;
  void *anything = &number;
  const int *null = NULL;                             // view: null = NULL
  double *outside = (double *)0xfffffff0;
  binary function = sum;
  struct operations operations = {sum, difference, NULL};
  binary table[2] = {sum, difference};
  int (*array)[3] = &(int[3]){7, 8, 9};
  identifier id = 5;                                  // view: id = 5
  alias other = 6;                                    // view: other = 6
  struct point at = {1, 2};
  points const list = &at;
  int *restrict restricted = &number;
  stop_here(); // stop: pointers
  number = function(1, table[1](2, 3));
  KEEP(number); KEEP(pointer); KEEP(twice); KEEP(anything); KEEP(null); KEEP(outside); KEEP(function);
  KEEP(operations); KEEP(table); KEEP(array); KEEP(id); KEEP(other); KEEP(list); KEEP(restricted);
}

// ---- Ways through code

int global_counter = 41;                              // view: global_counter = 42
static const char *global_text = "of the file";       // view: global_text = "of the file"
static int table[4] = {1, 1, 2, 3};                   // view: table = {1, 1, 2, 3}
static _Thread_local int of_thread = 3;

static void statics(void) {
  static int calls;                                   // view: calls = 1
  calls++;
  global_counter++;
  of_thread++;
  stop_here(); // stop: statics
  KEEP(calls); KEEP(global_text); KEEP(table); KEEP(of_thread);
}

static inline __attribute__((always_inline)) int innermost(int number) {
  int tripled = number * 3;                           // view: tripled = 18
  stop_here(); // stop: innermost
  return tripled;
}

static inline __attribute__((always_inline)) int middle(int number) {
  int doubled = number * 2;                           // view: doubled = 6
  return innermost(doubled) + 1;
}

__attribute__((noinline)) static int factorial(int number) {
  if (number <= 1) {
    stop_here(); // stop: factorial
    return 1;
  }
  int rest = factorial(number - 1);
  return number * rest;
}

static volatile int three = 3;

static void scopes(void) {
  int value = 1;                                      // view: value = 1
  stop_here(); // stop: scopes first
  KEEP(value);
  {
    const char *value = "two";                        // view: value = "two"
    stop_here(); // stop: scopes inner
    KEEP(value);
  }
  for (int index = 0; index < three; index++) {
    if (index == 2) stop_here(); // stop: scopes loop
    KEEP(index);
  }
  int inlined = middle(three);                        // view: inlined = 19
  int recursive = factorial(three + 2);               // view: recursive = 120
  switch (three) {
    case 1: inlined++; break;
    case 3: {
      int in_case = inlined + 1;                      // view: in_case = 20
      stop_here(); // stop: scopes case
      KEEP(in_case);
      break;
    }
    default: break;
  }
  stop_here(); // stop: scopes
  KEEP(inlined); KEEP(recursive);
}

__attribute__((noinline)) static int optimised(int count, const char *name) {
  int total = 0;
  int unused = count * 5; // of no use: an optimiser takes it away
  for (int round = 0; round < count; round++) total += name[round & 3] ^ round;
  (void)unused;
  return total;
}

static void registers(void) {
  int total = optimised(three * 4, "name");
  stop_here(); // stop: registers
  KEEP(total);
}

static void trap(void) {
  int *outside = (int *)(uintptr_t)(0xfff00000u + (unsigned)three);
  *outside = 1; // trap: out of bounds
}

static void divide(void) {
  volatile int zero = three - 3;
  three = 1 / zero; // trap: divide by zero
}

static const struct {
  const char *name;
  void (*run)(void);
} METHODS[] = {
    {"integers", integers}, {"floats", floats},     {"strings", strings}, {"arrays", arrays},     {"structs", structs},
    {"sized_arrays", sized_arrays},
    {"unions", unions},     {"enums", enums},       {"pointers", pointers}, {"statics", statics}, {"scopes", scopes},
    {"registers", registers}, {"trap", trap},       {"divide", divide},
};

static void say(const char *text) {
  if (write(STDOUT_FILENO, text, strlen(text)) < 0) _exit(1);
}

int main(void) {
  static char line[4096];
  size_t length = 0;
  while (length + 1 < sizeof line) {
    ssize_t count = read(STDIN_FILENO, line + length, 1);
    if (count <= 0) continue;
    if (line[length++] == '\n') break;
  }
  line[length] = 0;
  for (size_t index = 0; index < sizeof METHODS / sizeof METHODS[0]; index++) {
    char member[64] = "\"method\":\"";
    strcat(strcat(member, METHODS[index].name), "\"");
    if (strstr(line, member) == NULL) continue;
    METHODS[index].run();
    say("{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":null}\n");
    return 0;
  }
  say("{\"jsonrpc\":\"2.0\",\"id\":0,\"error\":{\"code\":-32601,\"message\":\"Method not found\"}}\n");
  return 0;
}
