// A plugin without a framework: one request is read from stdin, answered on stdout, and that is the end.
//
// Only `read` and `write` are used. C's own stdio would import fd_seek, which the host does not have.
// Methods: ping; add {a, b}; echo {message}, which asks the host method `echo`.

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum { LONGEST_LINE = 1 << 20 };

// A piece of somebody else's buffer. `at` is NULL where there is nothing.
struct text {
  const char *at;
  size_t length;
};

static struct text text(const char *string) { return (struct text){string, strlen(string)}; }

static bool same(struct text text, const char *string) {
  return text.at != NULL && text.length == strlen(string) && memcmp(text.at, string, text.length) == 0;
}

// ---- Lines

// Writes all of it: a pipe may take less at a time.
static void write_all(int fd, struct text bytes) {
  while (bytes.length > 0) {
    ssize_t written = write(fd, bytes.at, bytes.length);
    if (written < 0) _exit(1);
    bytes.at += written;
    bytes.length -= (size_t)written;
  }
}

static void log_line(const char *message) {
  write_all(STDERR_FILENO, text(message));
  write_all(STDERR_FILENO, text("\n"));
}

// What was read and not taken yet.
static char input[4096];
static size_t input_taken, input_length;

// Reads a line, without its end, into a buffer of its own: the texts of a message point into it.
static struct text read_line(char line[LONGEST_LINE]) {
  size_t length = 0;
  while (length < LONGEST_LINE) {
    if (input_taken == input_length) {
      ssize_t count = read(STDIN_FILENO, input, sizeof input);
      if (count < 0 && errno == EAGAIN) continue;  // nothing there yet; the host takes its turn
      if (count <= 0) _exit(2);
      input_taken = 0;
      input_length = (size_t)count;
    }
    char next = input[input_taken++];
    if (next == '\n') return (struct text){line, length};
    line[length++] = next;
  }
  log_line("the line is too long");
  _exit(3);
}

// A message is put together here and written at once.
static char message[LONGEST_LINE + 256];
static size_t message_length;

static void append(struct text part) {
  if (message_length + part.length > sizeof message) {
    log_line("the message is too long");
    _exit(4);
  }
  memcpy(message + message_length, part.at, part.length);
  message_length += part.length;
}

static void send(void) {
  append(text("\n"));
  write_all(STDOUT_FILENO, (struct text){message, message_length});
  message_length = 0;
}

// ---- JSON: just enough to find a member of an object. Values stay text, so no number is ever rounded.

static const char *skip_space(const char *at, const char *end) {
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\r')) at++;
  return at;
}

// The end of the string that begins at `at`, or of the line.
static const char *skip_string(const char *at, const char *end) {
  for (at++; at < end && *at != '"'; at++) {
    if (*at == '\\') at++;
  }
  return at < end ? at + 1 : end;
}

// The end of the value that begins at `at`. Brackets are counted, not followed: depth costs no stack.
static const char *skip_value(const char *at, const char *end) {
  int depth = 0;
  while (at < end) {
    if (*at == '"') {
      at = skip_string(at, end);
    } else if (*at == '{' || *at == '[') {
      depth++;
      at++;
    } else if (*at == '}' || *at == ']') {
      if (depth == 0) return at;
      depth--;
      at++;
    } else if (depth == 0 && (*at == ',' || *at == ':' || *at == ' ')) {
      return at;
    } else {
      at++;
      continue; // a number, true, false or null has more than one letter
    }
    if (depth == 0) return at;
  }
  return end;
}

// The value of a member of an object. Keys with escapes are not found.
static struct text member(struct text object, const char *key) {
  const char *end = object.at + object.length;
  const char *at = object.at == NULL ? NULL : skip_space(object.at, end);
  if (at == NULL || at == end || *at != '{') return (struct text){NULL, 0};
  at = skip_space(at + 1, end);
  while (at < end && *at == '"') {
    const char *key_end = skip_string(at, end);
    struct text name = {at + 1, (size_t)(key_end - at) - 2};
    at = skip_space(key_end, end);
    if (at == end || *at != ':') break;
    at = skip_space(at + 1, end);
    const char *value_end = skip_value(at, end);
    if (same(name, key)) return (struct text){at, (size_t)(value_end - at)};
    at = skip_space(value_end, end);
    if (at == end || *at != ',') break;
    at = skip_space(at + 1, end);
  }
  return (struct text){NULL, 0};
}

// A whole number of 64 bits.
static bool parse_integer(struct text digits, int64_t *number) {
  size_t at = 0;
  bool negative = digits.at != NULL && digits.length > 0 && digits.at[0] == '-';
  if (negative) at++;
  if (digits.at == NULL || at == digits.length) return false;
  *number = 0;
  for (; at < digits.length; at++) {
    int digit = digits.at[at] - '0';
    if (digit < 0 || digit > 9) return false;
    if (__builtin_mul_overflow(*number, 10, number)) return false;
    if (__builtin_add_overflow(*number, negative ? -digit : digit, number)) return false;
  }
  return true;
}

static struct text format_integer(int64_t number, char digits[20]) {
  size_t at = 20;
  uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
  do {
    digits[--at] = (char)('0' + rest % 10);
    rest /= 10;
  } while (rest > 0);
  if (number < 0) digits[--at] = '-';
  return (struct text){digits + at, 20 - at};
}

// ---- JSON-RPC

static void respond(struct text id, const char *member, struct text value) {
  append(text("{\"jsonrpc\":\"2.0\",\"id\":"));
  append(id);
  append(text(",\""));
  append(text(member));
  append(text("\":"));
  append(value);
  append(text("}"));
  send();
}

static const char METHOD_NOT_FOUND[] = "{\"code\":-32601,\"message\":\"Method not found\"}";
static const char INVALID_PARAMS[] = "{\"code\":-32602,\"message\":\"Invalid params\"}";

// Calls a host method. The answer is its `result`, or its `error` if there is no result.
static struct text call_host(const char *method, struct text params, bool *failed) {
  static int64_t next_id;
  static char line[LONGEST_LINE];
  char digits[20];
  struct text id = format_integer(next_id++, digits);

  append(text("{\"jsonrpc\":\"2.0\",\"id\":"));
  append(id);
  append(text(",\"method\":\""));
  append(text(method));
  append(text("\",\"params\":"));
  append(params);
  append(text("}"));
  send();

  struct text reply = read_line(line);
  struct text result = member(reply, "result");
  *failed = result.at == NULL;
  return *failed ? member(reply, "error") : result;
}

static void add(struct text id, struct text params) {
  int64_t a, b, sum;
  char digits[20];
  if (!parse_integer(member(params, "a"), &a) || !parse_integer(member(params, "b"), &b) ||
      __builtin_add_overflow(a, b, &sum)) {
    respond(id, "error", text(INVALID_PARAMS));
    return;
  }
  respond(id, "result", format_integer(sum, digits));
}

static void echo(struct text id, struct text params) {
  struct text wanted = member(params, "message");
  if (wanted.at == NULL) {
    respond(id, "error", text(INVALID_PARAMS));
    return;
  }
  log_line("asking the host");
  bool failed;
  struct text answer = call_host("echo", wanted, &failed);
  respond(id, failed ? "error" : "result", answer);
}

int main(void) {
  static char line[LONGEST_LINE];
  struct text request = read_line(line);
  struct text id = member(request, "id");
  struct text method = member(request, "method");
  struct text params = member(request, "params");

  if (id.at == NULL || method.at == NULL) {
    log_line("that is not a request");
    return 5;
  }
  if (same(method, "\"ping\"")) {
    respond(id, "result", text("\"pong\""));
  } else if (same(method, "\"add\"")) {
    add(id, params);
  } else if (same(method, "\"echo\"")) {
    echo(id, params);
  } else {
    respond(id, "error", text(METHOD_NOT_FOUND));
  }
  return 0;
}
